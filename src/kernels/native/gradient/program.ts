import { NORMALISERS, type NormaliserName } from "../../../pairwise/row-numbers.ts";
import { Program } from "../call/program.ts";
import { writeJoin } from "./join.ts";
import { writeBackward } from "./walk.ts";

/** Machine code of the backward pass over pairs, one program for each way in which scores become weights. */
export const BACKWARD: Readonly<Record<NormaliserName, Program>> = {
  softmax: backward("softmax"),
  relu: backward("relu"),
  sigmoid: backward("sigmoid"),
};

export const BACKWARD_PROGRAMS = NORMALISERS.map((name) => BACKWARD[name]);

function backward(normaliser: NormaliserName): Program {
  return new Program(`attention-backward-${normaliser}`, (a) => {
    writeBackward(a, normaliser);
    writeJoin(a);
  });
}
