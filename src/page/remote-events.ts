/**
 * How a program that drives a browser, as `attnbench run --browser` does, speaks with the page in it: events of its
 * document, whose `detail` is plain data.
 */
export const REMOTE = {
  /** Begins a run that is not drawn; `detail` is its choices. */
  run: "attnbench:run",
  /** Ends it between two calls. */
  stop: "attnbench:stop",
  /** Whatever the engine tells. */
  told: "attnbench:told",
} as const;

/** The attribute of the page's root that stands when the page listens and the engine is ready. */
export const READY = "data-ready";
