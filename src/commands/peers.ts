import { printable } from "../core/errors.ts";
import { type FoundPeer, findPeers } from "../library/peers.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";
import { redrawnDisplay } from "./run-progress.ts";

export interface PeersOptions {
  readonly python: string | undefined;
  readonly json: boolean;
}

/** Says which kernels of other libraries run here, and how the others are installed. That some do not is no failure. */
export async function peers({ python, json }: PeersOptions, io: Io): Promise<ExitCode> {
  const found: FoundPeer[] = [];
  const display = redrawnDisplay(io);
  for await (const peer of findPeers({ python, onProgress: display.update })) {
    display.stop();
    found.push(peer);
    if (!json) print(io, ...peerLines(peer), "");
  }
  if (json) print(io, JSON.stringify({ peers: found }, null, 2));
  const usable = found.find(({ here }) => here.length > 0)?.here[0].id;
  if (usable !== undefined) {
    note(io, `run one beside attnbench's own: attnbench run --variants full --kernel wasm,${usable}`);
  }
  return EXIT.fine;
}

/** Of what a peer tells, the versions and settings that decide how fast it computes; JSON has everything. */
const TOLD =
  /^(python|torch|fla|transformers|torch_geometric|onnxruntime|tfjs|backend|threads by|cuda device|mkl takes .*|torch (mkl|onednn|cpu capability|threads by|cuda)|(MKL|ONEDNN|ATEN|OMP|GOMP|KMP)_\w+)$/;

function peerLines({ id, library, here, details, why, install }: FoundPeer): string[] {
  if (why !== null)
    return [`${id}: ${library}, does not run here`, `  ${printable(why, 600)}`, `  install: ${install}`];
  const told = Object.entries(details)
    .filter(([name]) => TOLD.test(name))
    .map(([name, value]) => `${name} ${value.replace(/ for Intel.*| \(Git.*/, "")}`);
  return [
    `${id}: ${library}`,
    `  kernels: ${here.map((one) => one.id).join(", ")}`,
    `  ${printable(told.join(", "), 2000)}`,
  ];
}
