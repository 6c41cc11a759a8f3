import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { FailureError, printable, UsageError } from "../core/errors.ts";
import { makeFolder } from "../files/make-folder.ts";
import { refuseUnwritable, whyNotWritten } from "../files/replace-file.ts";
import { endingIn, runFile } from "../library/run-file.ts";

/** The files that a run writes. */
export interface RunPlaces {
  readonly results: string;
  readonly csv: string;
  /** Null if samples were not requested. */
  readonly samples: string | null;
}

interface Asked {
  readonly out: string | undefined;
  readonly resume: string | undefined;
  readonly samplesCsv: string | undefined;
}

/**
 * Where a run writes. Refuses, before anything is measured, what cannot be written or would take the place of
 * another file.
 */
export function placesOf({ out, resume, samplesCsv }: Asked, started: Date): RunPlaces {
  const results = runFile({ out, resume }) ?? defaultPath(started);
  const csv = beside(results, ".csv");
  const samples =
    samplesCsv === undefined
      ? null
      : samplesCsv === ""
        ? beside(results, ".samples.csv")
        : endingIn("--samples-csv", samplesCsv, ".csv");
  if (samples !== null && resolve(samples) === resolve(csv)) {
    throw new UsageError(
      `--samples-csv: must be a different file from that of the cases, got '${printable(samples)}'; name another`,
    );
  }
  for (const path of [results, csv, samples]) {
    if (path === null) continue;
    checkFolder(path);
    if (resume === undefined && existsSync(path)) {
      throw new FailureError(
        `results: ${printable(path)} already exists; continue a run with --resume, or name another file with --out`,
      );
    }
  }
  for (const path of [csv, samples]) if (path !== null) refuseUnwritable(path);
  return { results, csv, samples };
}

function defaultPath(started: Date): string {
  return `results/${started.toISOString().replace(/[:.]/g, "").slice(0, 20)}.jsonl`;
}

function beside(path: string, end: string): string {
  return path.replace(/\.jsonl$/, "") + end;
}

/** Creates the folder `results` if it is missing; any other must exist. */
function checkFolder(path: string): void {
  const folder = dirname(path);
  try {
    if (folder === "results") makeFolder(folder);
    if (statSync(folder).isDirectory()) return;
  } catch (thrown) {
    throw new FailureError(`${printable(path)}: cannot be written, ${whyNotWritten(thrown, path)}`);
  }
  throw new FailureError(`${printable(path)}: cannot be written, its folder is a file`);
}
