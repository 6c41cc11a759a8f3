import { countOf, FLOAT_BYTES } from "../../../core/shape.ts";
import { type Gradient, isGradientOf, taskWithin } from "../../../mechanisms/gradient/declare.ts";
import { isSynthesizer, type Synthesizer } from "../../../mechanisms/synthesizer/declare.ts";
import type { Ability } from "../../by-kind.ts";
import { MOST_BYTES } from "../fits.ts";
import type { Means } from "../means.ts";
import { synthesizer } from "../synthesizer.ts";
import { prepareSynthesizerGradient } from "./synthesizer-kernel.ts";

/** The gradient of a synthesizer: tiles of softmax attention whose operands were learned, or whose logits are a table. */
export const synthesizerGradient: Ability<Gradient<Synthesizer>, Means> = {
  is: isGradientOf(isSynthesizer),
  whyNot(task) {
    const { heads, length } = task.shape;
    const bytes = FLOAT_BYTES * countOf({ batch: 1, heads, rows: length, width: length });
    if (task.mechanism.of.logits.kind === "table" && !(3 * bytes <= MOST_BYTES)) {
      return "its table and the gradient of it must fit into 3.5 GiB of 32-bit memory beside q, k, v and out";
    }
    return synthesizer.whyNot?.(taskWithin(task)) ?? null;
  },
  prepare: prepareSynthesizerGradient,
};
