import type { StudiedCell, StudiedTask, StudyLine } from "../../record/schema/learning-lines.ts";
import type { Look } from "../../training/study/look.ts";
import type { RunName } from "../../training/study/next-runs.ts";
import type { RunResult } from "../../training/study/run-result.ts";

/** What a process that trains is given: one run of one cell. */
export interface TrainTask {
  readonly run: RunName;
  readonly cell: StudiedCell;
  readonly task: StudiedTask;
  readonly protocol: Pick<StudyLine, "look_every" | "validation_examples" | "test_examples">;
  /** Modules that bring variants or kernels, as named. */
  readonly plugins: readonly string[];
  /** Their code when the study began, with which all of it is trained; omitted if there are none. */
  readonly code?: StudyLine["plugins"];
}

/** What it says. */
export type TrainMessage =
  | { readonly kind: "looked"; readonly look: Look }
  | { readonly kind: "done"; readonly result: RunResult };
