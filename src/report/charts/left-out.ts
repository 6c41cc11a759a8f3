import type { CaseRow } from "../../record/case-row.ts";
import { named } from "../../text/cut-text.ts";
import { againstOf } from "../against.ts";

/** Names before the rest is counted. */
const MOST_NAMES = 12;
/** Things that errors are against before the rest is counted. */
const MOST_YARDSTICKS = 3;
/** Characters of a line below a title that is not wider than its chart. */
const MOST_CHARACTERS = 96;

/** A case that a chart of errors leaves out, since its error is against something else than those in it. */
export interface ApartCase {
  readonly label: string;
  readonly row: CaseRow;
}

/**
 * What a chart of errors against one thing says below its title of what was measured and is not in it: what approximates
 * nothing that an error could be taken against, and what is measured against something else. The lines are no wider than
 * the chart, unless a single name is.
 */
export function leftOut(
  without: readonly string[],
  apart: readonly ApartCase[],
  against: string,
): readonly string[] {
  const groups = [...Map.groupBy(apart, ({ row }) => againstOf(row))];
  const more = groups.slice(MOST_YARDSTICKS).flatMap(([, members]) => members);
  return [
    ...line(`Left out, having no error against ${against}: `, without),
    ...groups
      .slice(0, MOST_YARDSTICKS)
      .flatMap(([text, members]) => line(`Left out, measured against ${text}: `, labelsOf(members))),
    ...line("Left out, measured against something else: ", labelsOf(more)),
  ];
}

function labelsOf(members: readonly ApartCase[]): readonly string[] {
  return [...new Set(members.map(({ label }) => label))];
}

function line(intro: string, labels: readonly string[]): readonly string[] {
  if (labels.length === 0) return [];
  const lines = [""];
  // Between names and not within them, which may hold spaces.
  for (const part of [...intro.split(/(?<= )/), ...named(labels, MOST_NAMES).split(/(?<=, )/)]) {
    const last = lines[lines.length - 1];
    if (last !== "" && last.length + part.length > MOST_CHARACTERS) lines.push(part);
    else lines[lines.length - 1] = `${last}${part}`;
  }
  return lines.map((one) => one.trimEnd());
}
