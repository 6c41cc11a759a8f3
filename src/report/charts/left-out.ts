import { named } from "../../text/cut-text.ts";

/** Names before the rest is counted. */
const MOST_NAMES = 12;
/** Characters of a line below a title that is not wider than its chart. */
const MOST_CHARACTERS = 96;

/**
 * What a chart says below its title of what was measured and approximates nothing that an error could be taken
 * against: lines no wider than the chart, unless a single name is.
 */
export function leftOut(labels: readonly string[]): readonly string[] {
  if (labels.length === 0) return [];
  const text = `Left out, having no error against full attention: ${named(labels, MOST_NAMES)}`;
  const lines = [""];
  // Between names and not within them, which may hold spaces.
  for (const part of text.split(/(?<=, |: )/)) {
    const last = lines[lines.length - 1];
    if (last !== "" && last.length + part.length > MOST_CHARACTERS) lines.push(part);
    else lines[lines.length - 1] = `${last}${part}`;
  }
  return lines.map((line) => line.trimEnd());
}
