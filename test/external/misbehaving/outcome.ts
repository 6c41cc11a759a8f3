import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { messageOf } from "../../../src/core/errors.ts";
import { shapeOf } from "../../../src/core/shape.ts";
import { type OpenProgram, openProgram } from "../../../src/kernels/external/open-program.ts";
import { programName } from "../../../src/kernels/external/program-spec.ts";
import { PATIENCE } from "../../../src/kernels/external/protocol.ts";
import { band } from "../../../src/pattern/band.ts";
import type { CallsElsewhere } from "../../../src/timing/slot-elsewhere.ts";
import { problemOf } from "../../kernels/arbitrary-problems.ts";
import { ofPattern } from "../../mechanisms/judge.ts";
import { throughGate } from "../../verify/whole-gate.ts";
import type { Misbehaviour } from "./misbehaviours.ts";

const problem = problemOf(
  ofPattern(band(3, 3)),
  shapeOf({ batch: 1, heads: 2, length: 12, headDim: 4 }),
  false,
);

/** Seconds after which a request that is never answered is given up; a machine takes its time for all others. */
const SHORT_S = 2;

interface Became {
  readonly outcome: Misbehaviour["outcome"];
  readonly reason: string | null;
}

/** What becomes of a program that misbehaves. */
export async function outcomeOf({ mode, late }: Misbehaviour): Promise<Became> {
  const file = join(import.meta.dirname, "misbehaving.ts");
  const name = programName({ command: [process.execPath, file, mode] });
  let program: OpenProgram;
  try {
    program = await openProgram(name, late === undefined ? PATIENCE : { ...PATIENCE, [late]: SHORT_S });
  } catch (thrown) {
    return { outcome: "refused", reason: messageOf(thrown) };
  }
  try {
    const [kernel] = program.kernels;
    const supported = supportedBy(() => kernel.supports(problem));
    if (supported !== true) return { outcome: "unsupported", reason: supported };
    const result = await throughGate(problem, kernel);
    if (result.outcome !== "green") return { outcome: "failed", reason: result.reason };
    const wrong = await wrongInSlots(result.elsewhere);
    result.runnable.dispose();
    return wrong === null ? { outcome: "measured", reason: null } : { outcome: "failed", reason: wrong };
  } finally {
    await program.close();
  }
}

/** Samples of all rounds. */
const SAMPLES = 24;

/** What is wrong with the times that it tells once it was believed, as slots look at them. */
async function wrongInSlots(elsewhere: CallsElsewhere | null): Promise<string | null> {
  for (let sample = 0; sample < SAMPLES; sample++) await elsewhere?.sample(1);
  return elsewhere?.untold() ?? null;
}

/** Plug-ins' kernels are asked so that nothing is thrown; here it is the reason. */
function supportedBy(ask: () => true | string): true | string {
  try {
    return ask();
  } catch (thrown) {
    return messageOf(thrown);
  }
}

/** Files of this process that programs were given. */
export function leftBehind(): readonly string[] {
  const mine = (place: string) =>
    readdirSync(place).filter((name) => name.startsWith(`attnbench-${process.pid}-`));
  return ["/dev/shm", tmpdir()].flatMap((place) => {
    try {
      return mine(place);
    } catch {
      return []; // such a place is not on every system
    }
  });
}
