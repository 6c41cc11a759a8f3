declare global {
  /** Absent if the page holds no live chart. */
  const vega: typeof import("./vega.ts");
}

export {};
