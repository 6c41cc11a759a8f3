/** What the recurrences' module and its host agree on, besides the words of a call in `layout.ts`, which point here. */

/**
 * Tokens of a chunk where a token has one decay, and where every channel has one. The latter multiply their keys by each decay
 * that comes after them, so that a chunk costs its square in channels.
 */
export const TOKEN_CHUNK = 48;
export const CHANNEL_CHUNK = 16;

/** Floats of a vector of one number a token of a chunk, whole vectors of 256 bits and a few more. */
export const TOKEN_FLOATS = 64;

/**
 * 32-bit words of a prepared recurrence, as `assembly/recurrence/words.ts` reads them. Tensors begin where that of the first
 * slice does; what a lane has is counted in bytes from the beginning of its scratch.
 */
export const RECURRENCE = {
  q: 0,
  k: 1,
  v: 2,
  out: 3,
  g: 4,
  beta: 5,
  dt: 6,
  heads: 7,
  kvHeads: 8,
  length: 9,
  d: 10,
  channels: 11,
  valueDim: 12,
  width: 13,
  decay: 14,
  decayPerChannel: 15,
  decayWeights: 16,
  decayRow: 17,
  fixedLogs: 18,
  offsets: 19,
  write: 20,
  writePerChannel: 21,
  writeWeights: 22,
  erase: 23,
  readsBefore: 24,
  bonus: 25,
  unit: 26,
  scale: 27,
  skip: 28,
  byChannel: 29,
  states: 30,
  stateBytes: 31,
  totalAt: 32,
  segments: 33,
  segmentTokens: 34,
  slices: 35,
  place: 36,
  queries: 37,
  keys: 38,
  erasing: 39,
  decays: 40,
  writes: 41,
  scores: 42,
  erased: 43,
  panels: 44,
  output: 45,
  values: 46,
  tokens: 47,
  rows: 48,
  parts: 49,
  ownGates: 50,
  packedDecays: 51,
  packedWrites: 52,
  state: 53,
  gates: 54,
  gateBytes: 55,
} as const;

/** 32-bit words of where a lane reads and writes: the slice it is at. */
export const RECURRENCE_PLACE = {
  q: 0,
  k: 1,
  v: 2,
  out: 3,
  g: 4,
  beta: 5,
  dt: 6,
  fixedLog: 7,
  gates: 8,
} as const;

/** Vectors of a number a token that a lane has, each `TOKEN_FLOATS` long. */
export const TOKEN_ROW = {
  logs: 0,
  keep: 1,
  rest: 2,
  steps: 3,
  fromStart: 4,
  toEnd: 5,
  written: 6,
  erases: 7,
  norms: 8,
  share: 9,
} as const;

/** Vectors of a number a channel that a lane has, each `QUERY_ROW` bytes long. */
export const CHANNEL_ROW = { chunk: 0, running: 1, keep: 2, rest: 3 } as const;

/**
 * Vectors of what the gates of a head are made with, each `QUERY_ROW` bytes long, before packed weights: those of a gate that a
 * token has one of, of steps A and b, and the constants of the logistic function.
 */
export const GATE_ROW = { decay: 0, write: 1, slopes: 2, shifts: 3, table: 4 } as const;

/** Kinds of items: a slice, the state that a segment of one leaves, joining those, and a segment from its state on. */
export const RECURRENCE_ITEM = { slice: 0, sum: 1, join: 2, walk: 3 } as const;

/** Where decays come from; `fixed` is a number a head. */
export const DECAY = {
  none: 0,
  fixed: 1,
  logistic: 2,
  softplus: 3,
  exponential: 4,
  rwkv7: 5,
  given: 6,
} as const;

/** Where writes come from. */
export const WRITE = { one: 0, logistic: 1, step: 2, given: 3, givenStep: 4 } as const;

/** When a token erases, and what is brought to length 1. */
export const ERASE = { never: 0, afterDecay: 1, beforeDecay: 2 } as const;
export const UNIT = { none: 0, both: 1, erasure: 2 } as const;
