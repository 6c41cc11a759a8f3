import { printable, UsageError } from "../../core/errors.ts";
import { namesPeer, type Peer, peerOf, peerWith } from "../../kernels/external/peers.ts";
import { namesProgram } from "../../kernels/external/program-spec.ts";
import { type KernelChoice, kernelEntries } from "../kernel-choice.ts";

/**
 * Refuses kernels of programs that are not of a side: a gate compares code that differs, and would start the same program
 * on both. A peer is a side itself, by two Pythons.
 */
export function refuseOtherPrograms(sides: readonly string[], kernel: KernelChoice | undefined): void {
  for (const entry of kernelEntries(kernel) ?? []) {
    if (namesProgram(entry)) {
      throw new UsageError(
        `--kernel ${printable(entry, 80)}: must be of a side, got a program that is the same on both; name its versions as --base and --head`,
      );
    }
    const peer = peerWith(entry);
    if (peer !== undefined && !sides.some((side) => namesPeer(side) && peerOf(side) === peer)) {
      throw new UsageError(
        `--kernel ${entry}: must be of a side, got one of ${peer.library}; ${insteadOf(peer)}`,
      );
    }
  }
}

/** How two versions of a peer's library are compared. */
function insteadOf({ id, runtime }: Peer): string {
  return runtime === "python"
    ? `name two Pythons that have it as --base peer:${id}@OLD/bin/python3 and --head peer:${id}@NEW/bin/python3`
    : "run it in a folder of each version, and compare the two results files";
}
