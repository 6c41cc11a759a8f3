import { TABLES } from "../tables.ts";

/** What runs are asked for together with their cases. */
const OF_RUN = [
  "file",
  "started",
  "cpu",
  "machine",
  "sweep",
  "shard",
  "repeat",
  "attnbench",
  "commit_sha",
  "dirty",
] as const;

const casesColumns = TABLES.cases.columns
  .filter(({ name, type }) => type !== "json" || name === "params")
  .map(({ name }) => name)
  .filter((name) => name !== "line");

/**
 * What SQLite's stores answer without a join: `samples`, one row a sample, and `summary`, one row a case with its times summed
 * up and what it ran on.
 */
export const VIEWS: readonly string[] = [
  `CREATE VIEW samples AS
SELECT rounds.run, rounds.case_id, rounds.round, each.key AS sample, each.value AS seconds
FROM rounds, json_each(rounds.samples) AS each`,
  `CREATE VIEW summary AS
SELECT ${[...casesColumns.map((name) => `cases.${name}`), ...OF_RUN.map((name) => `runs.${name}`)].join(", ")}
FROM cases JOIN runs USING (run)`,
];
