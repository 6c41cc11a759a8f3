import { named } from "../../text/cut-text.ts";

// Runs in the page as well: imports nothing that needs Node.

/** Names before the rest is counted. */
const MOST_NAMES = 12;
/** Things that errors are against before the rest is counted. */
const MOST_YARDSTICKS = 3;
/** Characters of a line below a title that is not wider than its chart. */
const MOST_CHARACTERS = 96;

/** What was measured and is not in a chart of errors against one thing. */
export interface LeftOut {
  readonly against: string;
  /** The labels of what approximates nothing that an error could be taken against. */
  readonly without: readonly string[];
  /** The labels of cases whose error is against something else. */
  readonly apart: readonly Apart[];
}

/** A label, and what its error is against, safe to print. */
export interface Apart {
  readonly label: string;
  readonly against: string;
}

/** What a chart says below its title of what is not in it, in lines no wider than the chart, unless a single name is. */
export function leftOut({ against, without, apart }: LeftOut): readonly string[] {
  const groups = [...Map.groupBy(apart, (one) => one.against)];
  const more = groups.slice(MOST_YARDSTICKS).flatMap(([, members]) => members);
  return [
    ...line(`Left out, having no error against ${against}: `, without),
    ...groups
      .slice(0, MOST_YARDSTICKS)
      .flatMap(([text, members]) => line(`Left out, measured against ${text}: `, labelsOf(members))),
    ...line("Left out, measured against something else: ", labelsOf(more)),
  ];
}

function labelsOf(members: readonly Apart[]): readonly string[] {
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
