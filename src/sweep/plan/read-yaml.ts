import { type Document, isAlias, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from "yaml";
import { messageOf, printable, UsageError } from "../../core/errors.ts";

/** The values of a YAML text, and where they stand in it. */
export interface YamlText {
  readonly value: unknown;
  /** The line, from 1, of what is at a path of keys and positions, or of the nearest thing around it. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** The most characters of a text: plans are written by hand. */
const MOST_CHARACTERS = 1_000_000;
/** How deep lists and mappings may lie in one another. */
const MOST_DEPTH = 20;

/**
 * Reads one YAML document; JSON is YAML too. Refuses what could mean something else than it says, with its line: a key that
 * appears twice, a tag, an alias, a second document, a number that is none. `where` names the text in messages.
 */
export function readYaml(where: string, text: string): YamlText {
  const fault = (line: number, rule: string) => new UsageError(`${where} line ${line}: ${rule}`);
  if (text.length > MOST_CHARACTERS) {
    throw new UsageError(
      `${where}: must have at most ${MOST_CHARACTERS} characters, got ${text.length}; is it a plan?`,
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: "core",
    prettyErrors: false,
    // Two keys that are one name, such as 3 and "3".
    uniqueKeys: (a, b) => isScalar(a) && isScalar(b) && String(a.value) === String(b.value),
  });
  const [first] = [...document.errors, ...document.warnings];
  if (first !== undefined) {
    throw fault(lines.linePos(first.pos[0]).line, `must be YAML, got ${faultText(first, text)}`);
  }
  const lineAt = (node: unknown): number | null =>
    isNode(node) && node.range ? lines.linePos(node.range[0]).line : null;
  visit(document, {
    Node(_, node, path) {
      if (path.length > 3 * MOST_DEPTH) {
        throw fault(lineAt(node) ?? 1, `must have at most ${MOST_DEPTH} levels, got more`);
      }
      if (isScalar(node) && typeof node.value === "number" && !Number.isFinite(node.value)) {
        throw fault(
          lineAt(node) ?? 1,
          `must have finite numbers, got ${printable(node.source ?? String(node.value), 40)}`,
        );
      }
      if (isAlias(node)) {
        throw fault(
          lineAt(node) ?? 1,
          `must have no alias, got *${printable(node.source, 40)}; write out what it stands for`,
        );
      }
    },
  });
  return {
    value: document.toJS({ maxAliasCount: 0 }) as unknown,
    lineOf: (path) => nearest(document, path, lineAt),
  };
}

/** What the library has to complain about. */
type Fault = Pick<Document["errors"][number], "code" | "message" | "pos">;

/** The library's message for a fault, in a line; some have a better one. */
function faultText({ code, message, pos }: Fault, text: string): string {
  if (code === "DUPLICATE_KEY") {
    const [key] = /^("[^"]*"|'[^']*'|[^:,\s]+)?/.exec(text.slice(pos[0])) ?? [];
    return `a key twice, ${printable(key ?? "", 60)}; remove one of them`;
  }
  if (code === "MULTIPLE_DOCS") return "a second document; remove it, with the --- above it";
  if (code === "RESOURCE_EXHAUSTION") return "lists in one another without an end";
  return printable(messageOf(new Error(message)), 120);
}

/** A key's own line, or a list entry's, if it is there; otherwise that of what is around it. */
function nearest(
  document: Document.Parsed,
  path: readonly PropertyKey[],
  lineAt: (node: unknown) => number | null,
): number {
  let node: unknown = document.contents;
  let line = lineAt(node) ?? 1;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((one) => isScalar(one.key) && String(one.key.value) === String(key));
      if (pair === undefined) return line;
      line = lineAt(pair.key) ?? line;
      node = pair.value;
    } else {
      node = document.contents && isNode(node) && "get" in node ? node.get(Number(key), true) : undefined;
      if (node === undefined) return line;
      line = lineAt(node) ?? line;
    }
  }
  return line;
}
