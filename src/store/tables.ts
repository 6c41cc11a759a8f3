/** Tables of results, as Parquet and SQLite hold them: one row a run, a case, a round. */
export const TABLES = ["runs", "cases", "rounds"] as const;
