import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Column, ColumnType } from "../src/store/column.ts";
import { TABLE_NAMES, TABLES, type TableName } from "../src/store/tables.ts";

// Writes the tables of docs/store.md: columns are derived from the schema of lines, and what they mean stands there as comments.

const root = join(import.meta.dirname, "..");
const guidePath = join(root, "docs/store.md");
const MARKED = /(<!-- tables: .* -->\n).*?(\n<!-- \/tables -->)/s;

/** The guide with the tables of its marked section as they are declared. */
export function withTables(guide: string): string {
  if (!MARKED.test(guide)) throw new RangeError("docs/store.md: must have a section <!-- tables: … -->");
  const meanings = meaningsIn(
    ["result-lines.ts", "learning-lines.ts"]
      .map((name) => readFileSync(join(root, "src/record/schema", name), "utf8"))
      .join("\n"),
  );
  const tables = TABLE_NAMES.map((name) => tableText(name, meanings)).join("\n\n");
  return guide.replace(MARKED, (_, start: string, end: string) => `${start}\n${tables}\n${end}`);
}

/** In which schemas the fields of a table's lines are declared, by what is before the last part of their paths. */
const DECLARED: Readonly<Record<TableName, Readonly<Record<string, readonly string[]>>>> = {
  runs: { "": ["runLine"], plan: ["planned"], environment: ["environment"], shard: ["shard"] },
  cases: { "": ["caseLine", "caseIdentity"] },
  replaced: { "": ["caseLine", "caseIdentity"] },
  rounds: { "": ["roundLine"] },
  studies: { "": ["studyLine"] },
  trained: { "": ["trainedLine"] },
};

/** Comments by `schema.field`. */
type Meanings = ReadonlyMap<string, string>;

/** What the comments before fields say, in the source of schemas. A field that is a constant has that one's comment. */
function meaningsIn(source: string): Meanings {
  const constants = new Map(
    [...source.matchAll(/^\/\*\*((?:(?!\*\/).)*)\*\/\n(?:export )?const (\w+) =/gms)].map(
      ([, comment, name]) => [name, plain(comment)],
    ),
  );
  const meanings = new Map<string, string>();
  for (const [, schema, body] of source.matchAll(
    /^(?:export )?const (\w+) = (?:\w+\.extend|z\.object)\(\{\n(.*?)^\}\);/gms,
  )) {
    for (const [, comment, field, mark] of body.matchAll(
      /^(?: {2}\/\*\*((?:(?!\*\/).)*)\*\/\n)? {2}(\w+)([:,])/gms,
    )) {
      const own = comment === undefined ? undefined : plain(comment);
      const meaning = own ?? (mark === "," ? constants.get(field) : undefined);
      if (meaning !== undefined) meanings.set(`${schema}.${field}`, meaning);
    }
  }
  return meanings;
}

function plain(comment: string): string {
  return comment.replaceAll(/\s*\n\s*\*\s?/g, " ").trim();
}

function tableText(name: TableName, meanings: Meanings): string {
  const { about, columns, rare } = TABLES[name];
  const head = [`### \`${name}\``, "", `${about}${rare ? " Only if there are any." : ""}`, ""];
  // The same columns are told once.
  const told = name === "replaced" ? columns.filter(({ path }) => path === undefined) : columns;
  const rows = told.map((column) => {
    const cells = [`\`${column.name}\``, typeText(column), unitOf(column), meaningOf(name, column, meanings)];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  const rest = name === "replaced" ? ["", "And the columns of `cases` from `case_name` to `remarks`."] : [];
  return [...head, "| column | type | unit | meaning |", "|---|---|---|---|", ...rows, ...rest].join("\n");
}

const TYPES: Readonly<Record<ColumnType, string>> = {
  text: "text",
  json: "JSON",
  integer: "integer",
  double: "double",
  boolean: "boolean",
  doubles: "list of double",
};

function typeText({ type, nullable }: Column): string {
  return `${TYPES[type]}${nullable ? ", NULL" : ""}`;
}

function unitOf({ name, type }: Column): string {
  if (type !== "double" && type !== "integer" && type !== "doubles") return "";
  if (name.endsWith("flops_per_s") || name.endsWith("bytes_per_s"))
    return `${/(\w+?)_per_s$/.exec(name)?.[1].split("_").at(-1)}/s`;
  if (name.endsWith("_s") || (name === "samples" && type === "doubles")) return "s";
  if (name.startsWith("percent_")) return "%";
  if (name === "bytes" || name.endsWith("_bytes")) return "bytes";
  return name.endsWith("flops") ? "operations" : "";
}

function meaningOf(table: TableName, { name, path, about, usual }: Column, meanings: Meanings): string {
  if (path === undefined) return about ?? "";
  const field = path.at(-1) ?? "";
  const schemas = DECLARED[table][path.slice(0, -1).join(".")] ?? [];
  const meaning = schemas
    .map((schema) => meanings.get(`${schema}.${field}`))
    .find((one) => one !== undefined);
  const called = name === field ? "" : `\`${path.join(".")}\`. `;
  const held = typeof usual === "string" ? `\`${usual}\`` : `that of \`${usual?.as}\``;
  const filled = usual === undefined ? "" : ` The column then holds ${held}.`;
  return `${called}${meaning ?? ""}${filled}`.trim();
}

if (import.meta.main) writeFileSync(guidePath, withTables(readFileSync(guidePath, "utf8")));
