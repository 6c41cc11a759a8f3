import { messageOf } from "../../core/errors.ts";
import type { Simd } from "../../kernels/index.ts";
import type { Named } from "../../kernels/open-kernels.ts";
import { builtInKinds, type Kinds, kindsOf } from "../../mechanisms/kinds.ts";
import { loadKinds } from "../../plugins/load-plugin.ts";
import { replacedFault } from "../../verify/globals.ts";
import { Arm } from "./arm.ts";
import type { ArmName } from "./block-task.ts";
import { loadSubject, type SubjectPlace } from "./load-subject.ts";

/** The code of a side cannot be loaded. */
export class SideLost extends Error {
  override name = "SideLost";
  readonly side: "base" | "head";
  constructor(side: "base" | "head", message: string) {
    super(message);
    this.side = side;
  }
}

/**
 * The kinds that both sides are judged by: the built-in ones and those of base's plug-in. A side that defined
 * what is right would judge itself.
 */
export async function loadJudges({ module }: SubjectPlace): Promise<Kinds> {
  if (module === null) return builtInKinds;
  try {
    return kindsOf(await loadKinds(module, "judges"));
  } catch (thrown) {
    throw new SideLost("base", messageOf(thrown));
  }
}

/** One side of a comparison with its code, of which these kernels are opened where they must be named. */
export async function loadArm(
  name: ArmName,
  place: SubjectPlace,
  simd: Simd,
  judges: Kinds,
  named: Named = [],
): Promise<Arm> {
  try {
    const subject = await loadSubject(place, simd, name, named);
    const replaced = replacedFault();
    if (replaced !== null) throw new TypeError(replaced);
    return new Arm(subject, judges);
  } catch (thrown) {
    throw new SideLost(name === "head" ? "head" : "base", messageOf(thrown));
  }
}
