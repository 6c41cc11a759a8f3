import type { Law } from "../../../laws/law.ts";
import { constantValues } from "./constant-values.ts";
import { keysSum } from "./keys-sum.ts";

/** The laws of softmax attention's gradient besides those of every gradient. */
export const softmaxGradientLaws: readonly Law[] = [constantValues, keysSum];
