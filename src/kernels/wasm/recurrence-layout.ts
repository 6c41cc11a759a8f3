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
  length: 8,
  d: 9,
  channels: 10,
  valueDim: 11,
  width: 12,
  decay: 13,
  decayPerChannel: 14,
  decayWeights: 15,
  decayRow: 16,
  fixedLogs: 17,
  offsets: 18,
  write: 19,
  writePerChannel: 20,
  writeWeights: 21,
  erase: 22,
  readsBefore: 23,
  bonus: 24,
  unit: 25,
  scale: 26,
  skip: 27,
  byChannel: 28,
  states: 29,
  stateBytes: 30,
  totalAt: 31,
  segments: 32,
  segmentTokens: 33,
  slices: 34,
  place: 35,
  queries: 36,
  keys: 37,
  erasing: 38,
  decays: 39,
  writes: 40,
  scores: 41,
  erased: 42,
  panels: 43,
  output: 44,
  values: 45,
  tokens: 46,
  rows: 47,
  parts: 48,
  ownGates: 49,
  packedDecays: 50,
  packedWrites: 51,
  state: 52,
  gates: 53,
  gateBytes: 54,
  stepwise: 55,
  before: 56,
  joined: 57,
  decayLogits: 58,
  writeLogits: 59,
  kept: 60,
  keptBytes: 61,
  keptChunks: 62,
  writesOut: 63,
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
  kept: 9,
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
  decayLogits: 10,
  writeLogits: 11,
  keyNorms: 12,
  queryNorms: 13,
  ofLogs: 14,
  ofWrites: 15,
  ofReads: 16,
  ofKept: 17,
  crossing: 18,
} as const;

/** Vectors of a number a channel that a lane has, each `QUERY_ROW` bytes long. */
export const CHANNEL_ROW = { chunk: 0, running: 1, total: 2 } as const;

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
