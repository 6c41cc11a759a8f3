import { named } from "../../text/cut-text.ts";

/** Names in the line before the rest is counted. */
const MOST_NAMES = 8;

/** A line below a title that names what was measured and approximates nothing that an error could be taken against. */
export function leftOut(labels: readonly string[]): readonly string[] {
  if (labels.length === 0) return [];
  return [`Left out, having no error against full attention: ${named(labels, MOST_NAMES)}`];
}
