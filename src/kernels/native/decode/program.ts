import { NORMALISERS, type NormaliserName } from "../../../pairwise/row-numbers.ts";
import { Program } from "../call/program.ts";
import { writeStep } from "./step.ts";

/** Machine code of a step of decoding, one program for each way in which scores become weights. */
export const DECODING: Readonly<Record<NormaliserName, Program>> = {
  softmax: decoding("softmax"),
  relu: decoding("relu"),
  sigmoid: decoding("sigmoid"),
};

export const DECODING_PROGRAMS = NORMALISERS.map((name) => DECODING[name]);

function decoding(normaliser: NormaliserName): Program {
  return new Program(`decode-${normaliser}`, (a) => writeStep(a, normaliser));
}
