import type { UniformFields } from "../wgsl/uniform.ts";

/** What a dispatch over the pairs of a plan is told besides the plan. */
export const CALL = {
  /** Keys, and query rows, of a head. */
  length: "u32",
  queries: "u32",
  /** Heads of q, and of k and v. */
  heads: "u32",
  kvHeads: "u32",
  /** What scores are multiplied with. */
  factor: "f32",
  /** Where in the plan's words its sections begin. */
  itemsAt: "u32",
  tasksAt: "u32",
  tokensAt: "u32",
  masksAt: "u32",
  joinedAt: "u32",
  partsAt: "u32",
  /** The slices of the plan, which are heads of batch entries, and the first of this dispatch. */
  slicesAt: "u32",
  firstSlice: "u32",
  /** Items, or rows that are joined. */
  count: "u32",
  /** Parts of rows of one slice. */
  parts: "u32",
  /** The first column of this dispatch, in fours. */
  firstQuad: "u32",
  /** The number that the normaliser has for all rows; or where those of the rows are in the plan, unless `NONE`. */
  number: "f32",
  numbersAt: "u32",
  /** Where the places of tokens are in the plan, the first query's or key's first, or `NONE` if they are the tokens. */
  placesAt: "u32",
  firstPlaced: "i32",
  /** Distances in the table of a head's biases, and the least of them. */
  biases: "u32",
  leastBias: "i32",
} as const satisfies UniformFields;
