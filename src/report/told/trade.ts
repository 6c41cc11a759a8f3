import { formatLength } from "../../text/format.ts";
import type { Entry } from "../ranking/entry.ts";
import { relative } from "../relative.ts";
import { type Asked, atLongest, isBaseline, type Teller } from "./asked.ts";

/** What is nearest to full attention on an input like a real one; of files without, how far all are on theirs. */
export const trade: Teller = (asked) => onInput(asked) ?? onThisInput(asked);

function onInput({ entries }: Asked): string | null {
  const known = entries
    .flatMap(({ label, last: { input } }) => (input === undefined ? [] : [{ label, ...input }]))
    .sort((a, b) => a.error - b.error);
  const [first] = known;
  if (first === undefined) return null;
  const { label, name, error, mean } = first;
  const nearer = known.filter((other) => other.error < mean).length;
  return `On ${name}, ${label} is nearest to full (${relative(error)}); ${nearer} of ${known.length} are nearer than the mean of v (${relative(mean)}).`;
}

/** On the input of the run, at the longest length with errors against full attention. */
function onThisInput({ entries }: Asked): string | null {
  const others = entries.filter((one) => !isBaseline(one));
  const known = atLongest(others.flatMap(errorOf)).toSorted((a, b) => a.error - b.error);
  if (known.length === 0) return null;
  const [first, last] = [known[0], known[known.length - 1]];
  const random = first.random ? " on random numbers" : "";
  const intro = `At ${formatLength(first.length)}${random}`;
  const mean = known.find((one) => one.mean !== null)?.mean ?? null;
  if (mean === null) {
    return `${intro}, errors against full are ${relative(first.error)} (${first.entry.label}) to ${relative(last.error)} (${last.entry.label}).`;
  }
  const worse = known.filter((one) => one.worse).length;
  const sense = first.random && worse * 2 > known.length ? ": such errors rank nothing" : "";
  const count = worse === 0 ? `none of ${known.length} is` : `${worse} of ${known.length} are`;
  return `${intro}, ${count} further from full than the mean of v (${relative(mean)})${sense}.`;
}

function errorOf(entry: Entry) {
  const { error } = entry.last;
  return error === undefined ? [] : [{ entry, ...error }];
}
