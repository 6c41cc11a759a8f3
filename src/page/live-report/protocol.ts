import type { ResultLine } from "../../record/schema/result-lines.ts";

/**
 * What the page and the worker that draws its report say to each other. It draws beside the page, which so stays able to
 * answer, from lines that it is told as they come.
 */
export type ReportAsks =
  /** The scripts of reports, as text. Told once, first of all. */
  | { readonly ask: "scripts"; readonly own: string; readonly vega: string }
  /** Forgets what was told of another run. */
  | { readonly ask: "begin"; readonly name: string }
  | { readonly ask: "line"; readonly line: ResultLine }
  /** Answered by `drawn`, or `failed`, under the same number. */
  | { readonly ask: "draw"; readonly number: number; readonly as: DrawnAs };

/**
 * `still`: for a frame of the page, without scripts; `live`: for a frame, with them; `file`: as `attnbench report` writes
 * it.
 */
export type DrawnAs = "still" | "live" | "file";

export type ReportTells =
  | {
      readonly tell: "drawn";
      readonly number: number;
      /** A page of HTML. */
      readonly page: string;
      /** The ranking and what cases note, as `attnbench run` prints them. */
      readonly found: string;
      /** What to know before believing it. */
      readonly warnings: readonly string[];
      /** Whether anything has a time yet. */
      readonly measured: boolean;
    }
  | { readonly tell: "failed"; readonly number: number; readonly why: string };
