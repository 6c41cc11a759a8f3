import { messageOf } from "../core/errors.ts";
import { openProgram } from "../kernels/external/open-program.ts";
import { installLine, PEERS, peerName, programOfPeer, whyNoPeer } from "../kernels/external/peers.ts";
import type { Hello } from "../kernels/external/protocol.ts";
import type { ProgressHearing } from "./host.ts";

/** A peer as it is found here. */
export interface FoundPeer {
  readonly id: string;
  readonly library: string;
  /** All that it brings on some machine. */
  readonly kernels: readonly string[];
  /** Those that it brings here, with their titles; none if it does not run. */
  readonly here: readonly { readonly id: string; readonly title: string; readonly device: string }[];
  /** Versions, flags and settings by name, as it told them. */
  readonly details: Readonly<Record<string, string>>;
  /** Why it does not run; null if it does. */
  readonly why: string | null;
  /** What is to be typed to install what it needs. */
  readonly install: string;
}

/** The options of `peers`. */
export interface PeersOptions extends Pick<ProgressHearing, "onProgress"> {
  /** The Python that runs those in Python: ATTNBENCH_PYTHON, or the one on the path, if omitted. */
  readonly python?: string | undefined;
}

/** Starts every peer, one after the other, and yields what it says about itself, or why it does not run. */
export async function* findPeers({
  python,
  onProgress,
}: PeersOptions = {}): AsyncGenerator<FoundPeer, void, void> {
  for (const [done, peer] of PEERS.entries()) {
    const { id, library, kernels } = peer;
    onProgress?.({ phase: "ask", case: id, done, total: PEERS.length, secondsLeft: null });
    const name = peerName(peer, python);
    const found = await askedOnce(name);
    yield { id, library, kernels, ...found, install: installLine(name) };
  }
}

async function askedOnce(name: string): Promise<Pick<FoundPeer, "here" | "details" | "why">> {
  try {
    const program = await openProgram(name);
    await program.close();
    const { hello, kernels } = program;
    const here = hello.kernels.map((told, at) => {
      const { id, title } = kernels[at];
      return { id, title: title ?? id, device: told.device ?? "cpu" };
    });
    return { here, details: detailsOf(name, hello), why: null };
  } catch (thrown) {
    return { here: [], details: {}, why: whyNoPeer(name, messageOf(thrown)) };
  }
}

/** What it told, and the variables by which it was started. */
function detailsOf(name: string, { details = {} }: Hello): Readonly<Record<string, string>> {
  return { ...programOfPeer(name).env, ...details };
}
