/**
 * What is trained unless variants are named: one or two of each family that can be causal, with parameters that suit sequences of
 * 64 tokens, where the usual windows and blocks would attend everything.
 */
export const USUAL_VARIANTS = [
  "full",
  "local",
  "bigbird",
  "top-k",
  "linear",
  "performer",
  "retention",
  "gla",
  "delta",
  "gated-delta",
] as const;

/**
 * Parameters of these and of others unless set otherwise, as typed with `--set`: by their usual ones they would attend all of 64
 * tokens, and be full attention by another name.
 */
export const USUAL_SETTINGS: Readonly<Record<string, readonly string[]>> = {
  local: ["window=16"],
  bigbird: ["block=2", "random=1"],
  "top-k": ["keys=8"],
  performer: ["features=64"],
  "block-local": ["block=16"],
  dilated: ["window=8"],
  streaming: ["window=16"],
  longformer: ["window=16", "tokens=4"],
  moba: ["block=8", "chosen=3"],
  nsa: ["block=4", "chosen=5", "window=8"],
  quest: ["page=4", "pages=4"],
  linformer: ["features=16"],
  nystrom: ["landmarks=16"],
  lara: ["landmarks=16"],
  induced: ["points=16"],
  clustered: ["clusters=8"],
  sinkhorn: ["block=8"],
};

/**
 * Rates that the full protocol chose, by task and variant, for `--quick`: measured with the seeds that choose, once, and to be
 * measured again when a task or a model changes. What is not in the table is trained by `OTHERWISE`.
 */
export const CHOSEN_RATES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  mqar: {
    full: 0.01,
    local: 0.01,
    bigbird: 0.01,
    "top-k": 0.01,
    linear: 0.01,
    performer: 0.003,
    retention: 0.03,
    gla: 0.01,
    delta: 0.01,
    "gated-delta": 0.01,
  },
};

export const OTHERWISE = 0.01;
