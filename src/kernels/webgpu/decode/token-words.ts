/**
 * The words before the numbers of tokens that are taken in. Then, for each schedule, the slot of each token, `NOWHERE` for one
 * that is not kept. A step's go on with `ROW_WORDS` for its row of each schedule, and then its queries.
 */
export const TOKEN = {
  /** The first token, and how many there are. */
  first: 0,
  count: 1,
  /** Parts into which a step's keys are cut. */
  parts: 2,
  /** What a key's place is added to for the bias of a step's query and that key, from the head's first one on. */
  biasFrom: 3,
  /** Where a step's rows begin, and its queries. */
  rowsAt: 4,
  queriesAt: 5,
  words: 8,
} as const;

export const NOWHERE = 0xffff_ffff;

/** Where a row's pieces are in the tables, the keys of its last one, all of its keys, and as a float its number. */
export const ROW = { piecesAt: 0, lastCount: 1, keys: 2, number: 3, words: 4 } as const;

/** The words of tables that stay as they are, before those of the teams. */
export const TABLES = {
  /** Caches, and the teams that read each: a team is the heads of q that one workgroup computes together. */
  slices: 0,
  teamsPerSlice: 1,
  heads: 2,
  /** Biases of a head, where those of the first one begin, and where the place of each token is; `NOWHERE` if it is its number. */
  biases: 3,
  biasesAt: 4,
  placesAt: 5,
  /** What scores are multiplied by, as a float. */
  factor: 6,
  words: 8,
} as const;

/** The first row of a team's cache, its schedule, and the slice of k and v that it keeps. */
export const TEAM = { firstRow: 0, schedule: 1, kvSlice: 2, words: 3 } as const;
