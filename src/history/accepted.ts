import type { AcceptedLine } from "./schema.ts";

/** That a change is known and wanted, as a line of the file has it. */
export interface Accepted {
  /** A commit that the change may have come with: 40 or 64 hexadecimal digits. */
  readonly commit: string;
  /** Patterns of cells, see `matchesCell`; omitted for all. */
  readonly cells?: readonly string[] | undefined;
  readonly why: string;
  /** When it was accepted, ISO 8601 in UTC. */
  readonly accepted: string;
}

/** The line that an acceptance is in the file, with its newline. The same one is always the same line. */
export function acceptedText({ commit, cells, why, accepted }: Accepted): string {
  const line: AcceptedLine = {
    type: "accepted",
    commit,
    ...(cells !== undefined && { cells }),
    why,
    accepted,
  };
  return `${JSON.stringify(line)}\n`;
}

/** The acceptance that a line holds. */
export function acceptedOf({ type: _, ...accepted }: AcceptedLine): Accepted {
  return accepted;
}
