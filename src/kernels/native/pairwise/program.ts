import { NORMALISERS, type NormaliserName } from "../../../pairwise/row-numbers.ts";
import { Program } from "../call/program.ts";
import { writeAttention } from "./walk.ts";

/** Machine code of attention over pairs, one program for each way in which scores become weights. */
export const ATTENTION: Readonly<Record<NormaliserName, Program>> = {
  softmax: attention("softmax"),
  relu: attention("relu"),
  sigmoid: attention("sigmoid"),
};

export const ATTENTION_PROGRAMS = NORMALISERS.map((name) => ATTENTION[name]);

function attention(normaliser: NormaliserName): Program {
  return new Program(`attention-${normaliser}`, (a) => writeAttention(a, normaliser));
}
