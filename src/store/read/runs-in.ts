import { RESULTS } from "../../record/line-kind.ts";
import type { ReadResults } from "../../record/read.ts";
import { runUnderWay } from "../../record/run-under-way.ts";
import type { FileLine, RunLine } from "../../record/schema/result-lines.ts";
import { schemaRule } from "../../record/schema-rule.ts";
import { valueAt } from "../../record/value-at.ts";
import { countText } from "../../text/count-text.ts";
import { fieldsOf } from "../cells.ts";
import type { Row } from "../column.ts";
import type { SourcedRun, SourceFile } from "../rows.ts";
import { STORE_VERSION, TABLE_NAMES, TABLES, type TableName } from "../tables.ts";
import type { OpenStore } from "./open-store.ts";
import { refused, type StorePlace, told } from "./refused.ts";
import { type PlacedRow, type RowCursor, rowCursor } from "./row-cursor.ts";

/**
 * The runs of an open store, as `readRuns` yields those of results files, one at a time: the same lines. All that is read is
 * validated as lines are; what does not hold is refused by its table, row and column.
 */
export async function* runsIn(store: OpenStore): AsyncGenerator<SourcedRun, void, void> {
  refuseOther(store);
  const cursors = Object.fromEntries(
    TABLE_NAMES.map((table) => [table, rowCursor(store.nameOf(table), store.rows(table))]),
  ) as Record<TableName, RowCursor>;
  let last = -1;
  for (;;) {
    const head = await cursors.runs.next();
    if (head === null) break;
    const { run } = head.row;
    if (typeof run !== "number" || !(run > last)) {
      throw refused(
        { ...head.place, column: "run" },
        `must be more than that of the row before, got ${told(run)}`,
      );
    }
    last = run;
    yield { read: await runOf(head, cursors, run), source: sourceOf(head) };
  }
  for (const table of TABLE_NAMES) {
    const stray = await cursors[table].next();
    if (stray === null) continue;
    throw refused(
      { ...stray.place, column: "run" },
      `must be one of the table runs, got ${told(stray.row.run)}`,
    );
  }
  if (last < 0) throw refuseEmpty(store);
}

function refuseEmpty({ nameOf }: OpenStore): Error {
  return refused({ name: nameOf("runs") }, "must have a row, got none");
}

/** The first line of each run of an open store, and nothing else of it. */
export async function* headsIn(store: OpenStore): AsyncGenerator<SourcedHead, void, void> {
  refuseOther(store);
  const runs = rowCursor(store.nameOf("runs"), store.rows("runs"));
  let head = await runs.next();
  if (head === null) throw refuseEmpty(store);
  for (; head !== null; head = await runs.next()) yield { head: headOf(head), source: sourceOf(head) };
}

/** The first line of a run, and the results file that it is of. */
export interface SourcedHead {
  readonly head: RunLine;
  readonly source: SourceFile;
}

/** Refuses what no version of this package wrote, or a later one did, and a store that lost a table. */
function refuseOther({ facts, nameOf, has }: OpenStore): void {
  const version = facts.get("attnbench.store");
  if (version === undefined) {
    throw refused({ name: nameOf("runs") }, "must be a table that attnbench export wrote, got another");
  }
  if (version !== String(STORE_VERSION)) {
    throw refused(
      { name: nameOf("runs") },
      `the store's version must be ${STORE_VERSION}, got ${told(version)}`,
      "use the version of attnbench that wrote it",
    );
  }
  for (const table of TABLE_NAMES) {
    const rows = rowsWritten(facts, table);
    if (rows === 0 || has(table)) continue;
    throw refused({ name: nameOf(table) }, `must have ${countText(rows, "row")} as it was written, got none`);
  }
}

/** How many rows a table had when it was written; 0 if the store does not say. */
function rowsWritten(facts: ReadonlyMap<string, string>, table: TableName): number {
  try {
    const rows: unknown = valueAt(JSON.parse(facts.get("attnbench.rows") ?? "{}"), [table]);
    return typeof rows === "number" ? rows : 0;
  } catch {
    return 0;
  }
}

function sourceOf({ row: { file_id, file }, place }: PlacedRow): SourceFile {
  if (typeof file_id !== "number")
    throw refused({ ...place, column: "file_id" }, "must be a number, got none");
  if (typeof file !== "string") throw refused({ ...place, column: "file" }, "must be a text, got none");
  return { file_id, file };
}

async function runOf(
  head: PlacedRow,
  cursors: Readonly<Record<TableName, RowCursor>>,
  run: number,
): Promise<ReadResults> {
  const taken = async (table: TableName) => await cursors[table].take(run);
  const cases = [...(await taken("cases")), ...(await taken("replaced"))];
  const names = new Map<unknown, unknown>();
  for (const { row, place } of cases) {
    const known = names.get(row.case_id);
    if (known !== undefined && known !== row.case_name) {
      throw refused({ ...place, column: "case_id" }, "must be of one case, got that of another");
    }
    names.set(row.case_id, row.case_name);
  }
  const rounds = await taken("rounds");
  const inner = [
    ...cases.map((one) => ({ one, line: lineOf("cases", one, { type: "case" }) })),
    ...rounds.map((one) => {
      const name = names.get(one.row.case_id);
      if (name === undefined) {
        throw refused(
          { ...one.place, column: "case_id" },
          `must be a case of the same run, got ${told(one.row.case_id)}`,
        );
      }
      return { one, line: lineOf("rounds", one, { type: "round", case: name }) };
    }),
  ].sort((a, b) => Number(a.one.row.line) - Number(b.one.row.line));

  const under = runUnderWay<StorePlace>(refused, headOf(head), head.place);
  let before = 0;
  for (const { one, line } of inner) {
    const { line: number } = one.row;
    if (typeof number !== "number" || !(number > before)) {
      throw refused(
        { ...one.place, column: "line" },
        `must be another in each row of a run, got ${told(number)}`,
      );
    }
    before = number;
    if (line.type !== "run") under.take(line, one.place);
  }
  for (const one of await taken("studies")) take(under, "studies", one, { type: "study" });
  for (const one of await taken("trained")) take(under, "trained", one, { type: "trained" });
  const truncated = head.row.truncated === true;
  return { ...under.end(), validBytes: 0, truncated };
}

function headOf(head: PlacedRow): RunLine {
  const line = lineOf("runs", head, { type: "run" });
  if (line.type !== "run") throw refused(head.place, "must be a run, got another line");
  return line;
}

function take(
  under: ReturnType<typeof runUnderWay<StorePlace>>,
  table: TableName,
  one: PlacedRow,
  known: Row,
): void {
  const line = lineOf(table, one, known);
  if (line.type !== "run") under.take(line, one.place);
}

/** The line that a row holds, with what the table's lines have in common. */
function lineOf(
  table: TableName,
  { row, place }: PlacedRow,
  known: Readonly<Record<string, unknown>>,
): FileLine {
  const { columns } = TABLES[table];
  const line = {
    ...known,
    ...fieldsOf(row, columns, (column) => {
      throw refused({ ...place, column }, `must be JSON as text, got ${told(row[column])}`);
    }),
  };
  const parsed = RESULTS.schema.safeParse(line);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const column = columns.find(
    ({ path = [] }) => path.length > 0 && path.every((key, at) => key === issue.path[at]),
  );
  const within = issue.path.slice(column?.path?.length ?? 0).join(".");
  const rule = `${within === "" ? "" : `${within}: `}${schemaRule(issue)}, got ${told(valueAt(line, issue.path))}`;
  throw refused({ ...place, ...(column !== undefined && { column: column.name }) }, rule);
}
