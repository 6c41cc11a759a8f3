import { Program } from "../call/program.ts";
import { writeJoin } from "./join.ts";
import { writeBackward } from "./walk.ts";

/** The backward pass of softmax attention over pairs. */
export const SOFTMAX_BACKWARD = new Program("attention-backward", (a) => {
  writeBackward(a);
  writeJoin(a);
});
