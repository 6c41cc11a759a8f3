/** What stands between the fields of a line. A comma and a blank may be prose. */
type Separator = "\t" | "," | ", " | ";" | " ";

/** A line of a list of edges. */
export interface EdgeFields {
  readonly separator: Separator;
  /** Without quotes and white space around them. The first two are nodes; the rest is left alone. */
  readonly fields: readonly string[];
}

/** Cuts a line at tabs, or else commas, semicolons or blanks, outside of quotes; a dictionary at the end is left out. */
export function edgeFields(line: string): EdgeFields {
  const dictionary = line.indexOf(" {");
  const text = dictionary < 0 ? line : line.slice(0, dictionary);
  const separator = separatorOf(text.includes('"') ? text.replaceAll(QUOTED, "") : text);
  return { separator, fields: text.match(FIELDS[separator])?.map(unquoted) ?? [] };
}

const QUOTED = /"(?:[^"]|"")*"/g;

/** A field that is quoted may hold what stands between fields. Between two separators is a field that is empty. */
const FIELDS: Readonly<Record<Separator, RegExp>> = {
  "\t": /(?<=^|\t)(?: *"(?:[^"]|"")*" *(?=\t|$)|[^\t]*)/g,
  ",": /(?<=^|,)(?:\s*"(?:[^"]|"")*"\s*(?=,|$)|[^,]*)/g,
  ", ": /(?<=^|,)(?:\s*"(?:[^"]|"")*"\s*(?=,|$)|[^,]*)/g,
  ";": /(?<=^|;)(?:\s*"(?:[^"]|"")*"\s*(?=;|$)|[^;]*)/g,
  " ": /"(?:[^"]|"")*"|\S+/g,
};

function separatorOf(text: string): Separator {
  if (text.includes("\t")) return "\t";
  if (text.includes(",")) return text.includes(", ") ? ", " : ",";
  return text.includes(";") ? ";" : " ";
}

function unquoted(field: string): string {
  const text = field.trim();
  return text.length > 1 && text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).replaceAll('""', '"')
    : text;
}

/** Words in a name beside a comma and a blank; a longer name must be in quotes, or beside a tab. */
const MOST_WORDS = 4;

/** Whether a line of words reads as prose: its ends are no tidy names, or more words follow than tell what an edge is. */
export function readsAsProse(line: string, { separator, fields }: EdgeFields): boolean {
  if (separator !== " " && separator !== ", ") return false;
  if (/[A-Za-z][.!?,;:]$/.test(line)) return true;
  if (separator === " ") return fields.length > 3 && wordsBeside(fields) > 1;
  return !line.includes('"') && fields.some((field) => field.split(/\s+/).length > MOST_WORDS);
}

/** Fields besides the nodes that are no numbers. */
export function wordsBeside(fields: readonly string[]): number {
  return fields.slice(2).filter((field) => Number.isNaN(Number(field))).length;
}
