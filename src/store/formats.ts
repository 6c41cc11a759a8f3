/** What results are exported as. */
export const STORE_FORMATS = ["parquet", "sqlite", "csv"] as const;
export type StoreFormat = (typeof STORE_FORMATS)[number];

/** Whether a format is one file; the others are folders. */
export const IS_FILE: Readonly<Record<StoreFormat, boolean>> = { parquet: false, sqlite: true, csv: false };
