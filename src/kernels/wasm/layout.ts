/**
 * The sizes that the module and its host agree on. This is the only place to change them: the module is built
 * from `assembly/generated/layout.ts`, which `modules/build.ts` writes from here, and which refuses sizes
 * that do not fit together.
 */

/**
 * A tile of scores: queries, and columns of keys. 48 × 128 scores, and the panels they come from, stay near
 * the core.
 */
export const TILE = { queries: 48, columns: 128 } as const;

/**
 * Rows of a micro-kernel: what the 16 vector registers leave room for, with 2 vectors of columns. `weigh.ts`
 * is made for 6.
 */
export const PANEL_QUERIES = 6;

/** Rows of the smaller micro-kernel, for a last panel of no more: 16 and 64 rows then leave no remainder. */
export const SHORT_PANEL = 4;

/** Rows that a panel computes which begins `left` rows before the end. */
export function panelRows(left: number): number {
  return left > SHORT_PANEL ? PANEL_QUERIES : SHORT_PANEL;
}

/** Columns of a micro-kernel by width of its vectors: two vectors each. */
export const PANEL_KEYS = { narrow: 8, wide: 16 } as const;

/** How a schedule is to be cut. A partial tile that begins within a panel must still fit into the columns. */
export const TILE_SIZES = {
  queries: TILE.queries,
  keys: TILE.columns,
  panel: PANEL_KEYS.wide,
  rows: PANEL_QUERIES,
} as const;

/** The widest head. */
export const MOST_HEAD_DIM = 256;

/** Bytes between rows of scores. */
export const SCORE_ROW = TILE.columns * 4;

/**
 * Bytes between rows of queries or features; a line more than the widest, so that rows do not fall on the
 * same cache sets.
 */
export const QUERY_ROW = MOST_HEAD_DIM * 4 + 64;

/** Columns of the operands by which the micro-kernel alone is measured: the usual width of a head. */
export const BURST_INNER = 64;

/** 32-bit words of a call, as `assembly/call.ts` reads them. */
export const CALL = {
  q: 0,
  k: 1,
  v: 2,
  out: 3,
  length: 4,
  d: 5,
  width: 6,
  factor: 7,
  keys: 8,
  masks: 9,
  finite: 10,
  checksValues: 11,
  packsKeys: 12,
  keptMaximum: 13,
  keptTotal: 14,
  keptOutput: 15,
  states: 16,
  stateBytes: 17,
  segments: 18,
  segmentTokens: 19,
  causal: 20,
  tasks: 21,
  slices: 22,
  slice: 23,
  valueDim: 24,
  keyWidth: 25,
  readers: 26,
  cachesPerHead: 27,
  scoreRow: 28,
  firstQuery: 29,
  turns: 30,
  turnsHalves: 31,
  bias: 32,
  biasBytes: 33,
  places: 34,
  normaliser: 35,
  rowNumbers: 36,
  rowNumber: 37,
  tokens: 38,
  rowAt: 39,
  rowKeys: 40,
  readerQueries: 41,
  readerOutputs: 42,
  activation: 43,
  channels: 44,
  score: 45,
  splits: 46,
  scoreBytes: 47,
  projection: 48,
  tableRow: 49,
  cell: 50,
  cellHeads: 51,
  cellWeights: 52,
  cellWeightBytes: 53,
  cellChannels: 54,
  rank: 55,
  window: 56,
  rowBiases: 57,
  keyBiases: 58,
  maxima: 59,
  weighted: 60,
  before: 61,
  tapsBefore: 62,
  after: 63,
  ring: 64,
  form: 65,
  taps: 66,
  weights: 67,
  moreWeights: 68,
  packed: 69,
  morePacked: 70,
  fourier: 71,
  pooledKeys: 72,
  pooledValues: 73,
  blocks: 74,
  blockTokens: 75,
  filters: 76,
  filterCount: 77,
  phases: 78,
  filtersPacked: 79,
  map: 80,
  mapPanels: 81,
  mapPanelCount: 82,
  mapFactor: 83,
  mapWidth: 84,
  angles: 85,
  mapWeights: 86,
  weightRows: 87,
  weightFactor: 88,
  packedWeights: 89,
  sharers: 90,
  kvHeads: 91,
  weightStart: 92,
  weightBytes: 93,
  recurrence: 94,
  hashed: 95,
  routed: 96,
  selection: 97,
  imageWidth: 98,
  imageSide: 99,
  imageNearest: 100,
  sums: 101,
  gradient: 102,
  leftMaxima: 103,
} as const;

/** 32-bit words of a cache of one batch entry, as `assembly/decode-softmax.ts` reads them. */
export const SLICE = {
  keys: 0,
  values: 1,
  slotOf: 2,
  pieces: 3,
  rowAt: 4,
  lastCount: 5,
  bias: 6,
  placeAt: 7,
  rowNumbers: 8,
  score: 9,
} as const;

/** 32-bit words of a lane: what only one thread writes. */
export const LANE = {
  queries: 0,
  scores: 1,
  output: 2,
  maximum: 3,
  total: 4,
  spans: 5,
  scratch: 6,
  classKeys: 7,
  features: 8,
  panels: 9,
  local: 10,
  state: 11,
  divisors: 12,
  floors: 13,
  parts: 14,
  classValues: 15,
  turned: 16,
  rowPlaces: 17,
  keyPlaces: 18,
  powers: 19,
  marks: 20,
  exact: 21,
  projected: 22,
  own: 23,
  largest: 24,
  made: 25,
  rows: 26,
  otherRows: 27,
  spare: 28,
  queryRows: 29,
  keyRows: 30,
  mapScratch: 31,
  shown: 32,
  attended: 33,
  best: 34,
  order: 35,
  starts: 36,
  rowSpans: 37,
  tileSpans: 38,
  counted: 39,
  products: 40,
  douts: 41,
  means: 42,
  keySums: 43,
  valueRows: 44,
  slopes: 45,
  rowSlopes: 46,
  across: 47,
  stack: 48,
  pairSums: 49,
} as const;

/** Words of `parts`: 8 for each row of a panel, or for each of 4 keys. */
export const PARTS = 8 * PANEL_QUERIES;

/** Words of an item: kind and two operands. */
export const ITEM_WORDS = 3;

/**
 * Rows that are gathered together, and about as many keys: each step is done for all of them before the next
 * begins, so that the processor fetches the keys of later rows while it computes those of earlier ones.
 */
export const GATHER = { rows: 32, keys: 512 } as const;

/** Kinds of items of the gather kernel. */
export const GATHER_ITEM = { rows: 0, prepare: 1 } as const;

/** Kinds of items of the tile kernel. */
export const SOFTMAX_ITEM = { prepare: 0, rows: 1, stretch: 2 } as const;

/** How scores become weights. Softmax with a sink is softmax. */
export const NORMALISER = { softmax: 0, relu: 1, sigmoid: 2 } as const;

/**
 * What is done to `q + k` in each channel before channels are summed; nothing where a score is a product, or is
 * given by a table.
 */
export const ACTIVATION = { none: 0, tanh: 1, leaky: 2, steep: 3, given: 4 } as const;

/**
 * 32-bit words of what one head's scores are made with, before its vectors: see `assembly/call.ts`.
 */
export const SCORE = { start: 0, slope: 1, limit: 2, one: 3 } as const;

/** Words of those, up to a whole vector of 256 bits. */
export const SCORE_WORDS = 8;

/** Words that `tanh` takes its constants from. */
export const TANH_WORDS = 16;

/** Numbers whose tanh is taken over and over to measure its rate. */
export const TANH_BURST = 256;

/** Kinds of items of the feature-map kernel. */
export const FEATURE_ITEM = { accumulate: 0, join: 1, read: 2, walk: 3, walkOn: 4, pack: 5 } as const;

/** Feature maps that the module computes. */
export const MAP = {
  elu: 0,
  relu: 1,
  reweighted: 2,
  channelSoftmax: 3,
  rolled: 4,
  trigonometric: 5,
  taylor: 6,
  favor: 7,
} as const;

/**
 * 32-bit words of a panel of features, as `assembly/panel.ts` reads them: how many they are, what `features.ts` makes them
 * of, and in bytes where their part of a state begins, and how long it is; and where it begins in a transposed state.
 */
export const PANEL = {
  count: 0,
  first: 1,
  end: 2,
  rows: 3,
  rowsBytes: 4,
  sums: 5,
  scales: 6,
  transposed: 7,
} as const;

/** Which recurrent cell a call computes. */
export const CELL_KIND = { minGru: 0, minLstm: 1, elman: 2, lstm: 3 } as const;

/**
 * Tokens whose products with the weights are made together. Few, so that what they leave stays beside the weights of the state
 * near the core; a multiple of `PANEL_QUERIES`.
 */
export const CELL_TOKENS = 24;
/** Kinds of items of the kernels without queries: with biases of positions, and without. */
export const AFT_ITEM = {
  maxima: 0,
  joinMaxima: 1,
  weigh: 2,
  joinSums: 3,
  rows: 4,
  sum: 5,
  joinStates: 6,
  scan: 7,
  scanOn: 8,
  read: 9,
} as const;

/** Kinds of items of the convolution kernel: packing a panel of columns of either layer, and rows. */
export const CONVOLUTION_ITEM = { pack: 0, packMore: 1, rows: 2 } as const;

/** What a convolution makes of a window. */
export const FORM = { depthwise: 0, full: 1, network: 2 } as const;

/**
 * 32-bit words of a filter, one of the smaller convolutions that a convolution is made of: how many taps are added up to each
 * of its own, and which; how many tokens are, half of them negated if there are more than one; and of which rows it is part.
 */
export const FILTER = { taps: 0, tap: 1, tokens: 5, token: 6, outputs: 10, output: 11 } as const;
export const FILTER_WORDS = 15;

/** Taps whose tokens are copied together: with as many rows as a tile has, so that they stay near the core. */
export const MOST_TAPS = 16;

/** Kinds of items of the kernels that choose groups of tokens: by hashes, and by centres. */
export const GROUP_ITEM = {
  directions: 0,
  hash: 1,
  sort: 2,
  rows: 3,
  measure: 4,
  begin: 5,
  assign: 6,
  move: 7,
  take: 8,
  turn: 9,
  meet: 10,
  join: 11,
} as const;

/** 32-bit words of tokens that are sorted by hashes, as `assembly/hashed.ts` reads them. */
export const HASHED = {
  rotations: 0,
  directions: 1,
  first: 2,
  second: 3,
  rounds: 4,
  buckets: 5,
  chunk: 6,
  sameBucket: 7,
  chosen: 8,
  order: 9,
  chunks: 10,
  counts: 11,
  factors: 12,
} as const;

/** 32-bit words of tokens that centres take, as `assembly/routed.ts` reads them. */
export const ROUTED = {
  starts: 0,
  clusters: 1,
  window: 2,
  units: 3,
  inverses: 4,
  assigned: 5,
  centres: 6,
  sums: 7,
  sumBytes: 8,
  segments: 9,
  segmentTokens: 10,
  queries: 11,
  keys: 12,
  takerAt: 13,
  takers: 14,
  keyBits: 15,
  bitWords: 16,
  maxima: 17,
  totals: 18,
  outputs: 19,
  firstCentre: 20,
  endCentre: 21,
  round: 22,
  factors: 23,
  slots: 24,
} as const;

/** Queries of a group that attend together: whole panels, and the chunk of 64 that is usual in one. */
export const GROUP_ROWS = 66;

/** Centres whose nearest tokens are looked for at once: two panels of queries. */
export const CENTRES_TOGETHER = 12;

/** Kinds of items of the Fourier kernel. */
export const FOURIER_ITEM = { columns: 0, pairs: 1, convolve: 2, back: 3, write: 4 } as const;

/** 32-bit words of what a Fourier transform was prepared with, as `assembly/fourier.ts` reads them. */
export const FOURIER = {
  size: 0,
  parts: 1,
  group: 2,
  rowBytes: 3,
  matrix: 4,
  work: 5,
  workStep: 6,
  twists: 7,
  chirp: 8,
  spectrum: 9,
  first: 10,
  second: 11,
} as const;

/** 32-bit words of a level of a transform: its factor, the parts that it turns, and where the numbers for that are. */
export const LEVEL = { factor: 0, parts: 1, twiddles: 2, roots: 3 } as const;
/**
 * 32-bit words of a matrix of a chain, as `assembly/matrix.ts` reads them: where it is, how many rows and
 * columns it has, and bytes between rows.
 */
export const MATRIX = { data: 0, rows: 1, columns: 2, rowBytes: 3 } as const;

/** 32-bit words of a step of a chain, as `assembly/step.ts` reads them. */
export const STEP = {
  kind: 0,
  of: 1,
  by: 2,
  values: 3,
  bias: 6,
  to: 7,
  logSums: 10,
  less: 11,
  packed: 12,
  channels: 13,
  factor: 14,
  width: 15,
  size: 16,
  before: 17,
  segmentRows: 18,
  segments: 19,
  partials: 20,
  partialBytes: 21,
  members: 22,
  codes: 23,
  centres: 24,
  order: 25,
  best: 26,
  bestScores: 27,
  rest: 28,
  shares: 29,
  starts: 30,
  leftOut: 31,
  ownKeys: 32,
  sums: 33,
  adds: 34,
  along: 35,
  ofSums: 38,
  bySums: 39,
  biasSums: 40,
  valueSums: 41,
  logAlong: 44,
  logSign: 45,
  rowMeans: 46,
  scale: 47,
  packedValues: 48,
} as const;

/** The most matrices of values that one step attends to at once, and rows of words for their results. */
export const MOST_VALUES = 3;

/** Words of a step. */
export const STEP_WORDS = 51;

/** Kinds of steps that chains are made of. */
export const STEP_KIND = {
  pack: 0,
  attend: 1,
  gather: 2,
  joinGathered: 3,
  outer: 4,
  joinOuter: 5,
  multiply: 6,
  weights: 7,
  inverse: 8,
  means: 9,
  halfSquares: 10,
  add: 11,
  convolve: 12,
  hash: 13,
  takeStarts: 14,
  assign: 15,
  recentre: 16,
  sumClusters: 17,
  joinClusters: 18,
  spread: 19,
  sortMembers: 20,
  findBest: 21,
  splitWeights: 22,
  spreadBest: 23,
  scores: 24,
  balanceColumns: 25,
  balanceRows: 26,
  shares: 27,
  mixBlocks: 28,
  attendBlocks: 29,
  clear: 30,
  transpose: 31,
  packRows: 32,
  attendBack: 33,
  gatherMeans: 34,
  joinMeans: 35,
  gatherBack: 36,
  joinBack: 37,
  softmaxBack: 38,
  inverseBack: 39,
  meansBack: 40,
  squaresBack: 41,
  reverseTaps: 42,
  tapsBack: 43,
  joinTaps: 44,
  clusterShares: 45,
  clustersBack: 46,
  spreadBack: 47,
} as const;

/** Rows of an outer product that are summed by themselves, so that a long sum does not lose its last digits. */
export const OUTER_ROWS = 1024;

/** Blocks that are mixed from the same rows at once: whole groups of queries. */
export const MIXED_BLOCKS = 6 * TILE.queries;

/** The most planes of a sign hash: bits of a code. */
export const MOST_BITS = 64;

/** Planes that a row is multiplied with at once. */
export const PLANES_TOGETHER = 16;

/** Clusters whose best keys are looked for at once. */
export const CLUSTERS_TOGETHER = 4;
