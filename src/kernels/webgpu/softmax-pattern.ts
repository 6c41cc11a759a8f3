import { isReduced } from "../../core/dtype.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Runnable } from "../kernel.ts";
import type { Means } from "./means.ts";
import { preparePairs } from "./pairs/prepare.ts";

/** Softmax over a pattern: tiles with an online softmax. */
export const softmaxPattern: Ability<SoftmaxPattern, Means, Promise<Runnable>> = {
  is: isSoftmaxPattern,
  whyNot({ shape: { headDim, valueDim }, dtype }) {
    if (!isReduced(dtype) || (headDim % 4 === 0 && valueDim % 4 === 0)) return null;
    return `in ${dtype} it takes heads whose width is a multiple of 4, got ${headDim} and ${valueDim}`;
  },
  prepare: preparePairs,
};
