/** What the module and its host agree on for attention to what a rule chooses; see `../layout.ts`. */

/** Rules by their numbers. */
export const RULE = { topK: 0, moba: 1, quest: 2, nsa: 3 } as const;

/** 32-bit words of a selection, as `assembly/select-words.ts` reads them. */
export const SELECTION = {
  rule: 0,
  block: 1,
  blocks: 2,
  most: 3,
  queries: 4,
  candidates: 5,
  moreCandidates: 6,
  candidateFactor: 7,
  choice: 8,
  window: 9,
  meanValues: 10,
  gates: 11,
  /** And the two words behind it, one for each softmax. */
  gateWeights: 12,
  branchOuts: 15,
  branchSums: 16,
} as const;

/** Words of a selection. */
export const SELECTION_WORDS = 17;

/** Kinds of items: packing keys, making candidates of blocks, choosing for rows, and attending for rows. */
export const SELECTION_ITEM = { pack: 0, summarise: 1, choose: 2, attend: 3 } as const;

/** Rows that fetch their single keys together. */
export const CHOSEN_ROWS = 16;

/** 32-bit words of a selection that decodes, as `assembly/kept-words.ts` reads them. */
export const KEPT = {
  rule: 0,
  block: 1,
  blocks: 2,
  most: 3,
  capacity: 4,
  window: 5,
  keys: 6,
  values: 7,
  summaries: 8,
  summaryBytes: 9,
  meanValues: 10,
  sums: 11,
  choice: 12,
  gateWeights: 13,
} as const;

/** Words before the scores of the best of a row, and how many more than are kept it has room for at least. */
export const BEST = { before: 8, least: 128 } as const;

/** Words of the best `most` of a row: see `assembly/best.ts`. */
export function bestWords(most: number): number {
  const room = Math.ceil((most + Math.max(most, BEST.least)) / 8) * 8;
  return BEST.before + 2 * (room + 8);
}
