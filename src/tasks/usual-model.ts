import type { ModelSizes } from "./task.ts";

/** The model of tasks of recall: what is not attention is as little as lets full attention learn them. */
export const RECALL_MODEL: ModelSizes = {
  layers: 2,
  width: 32,
  heads: 2,
  convolution: 3,
  feedForward: false,
  positions: false,
};

/** The model of tasks that compute, or whose answers depend on where tokens are. */
export const POSITIONED_MODEL: ModelSizes = { ...RECALL_MODEL, feedForward: true, positions: true };
