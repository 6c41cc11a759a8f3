import type { StudiedCell, StudyLine, TrainedLine } from "../../../src/record/schema/learning-lines.ts";
import type { RunName } from "../../../src/training/study/next-runs.ts";

/** A cell of a study that is only spoken of. */
export function aCell(cell: string, others: Partial<StudiedCell> = {}): StudiedCell {
  return {
    cell,
    variant: cell,
    title: cell,
    params: {},
    task: "mqar",
    unsupported: null,
    parameters: 1000,
    state_numbers: 64,
    reach: 1,
    direct_reach: 1,
    rate: null,
    ...others,
  };
}

/** A study of these cells. */
export function aStudy(cells: readonly StudiedCell[], others: Partial<StudyLine> = {}): StudyLine {
  return {
    type: "study",
    started: "2026-11-30T20:00:00.000Z",
    protocol: "full",
    trainer: "none",
    rates: [0.003, 0.01, 0.03],
    choosing_seeds: [1000],
    test_seeds: [0, 1, 2],
    look_every: 50,
    validation_examples: 512,
    test_examples: 1024,
    tasks: [
      {
        task: "mqar",
        id: "mqar",
        title: "Multi-query associative recall",
        measure: "recall",
        limits: "nothing of language",
        params: {},
        length: 64,
        causal: true,
        output: "asked",
        chance: 1 / 64,
        model: {
          layers: 2,
          width: 32,
          heads: 2,
          convolution: 3,
          feed_forward: false,
          positions: false,
        },
        batch: 32,
        steps: 800,
      },
    ],
    cells,
    ...others,
  };
}

/** A run that came to this accuracy; null if it diverged. */
export function aRun(name: RunName, accuracy: number | null): TrainedLine {
  const diverged = accuracy === null;
  return {
    type: "trained",
    ...name,
    outcome: diverged ? "diverged" : "trained",
    reason: diverged ? "the loss was no number" : null,
    accuracy,
    curve: diverged ? [] : [{ step: 800, loss: 1, accuracy }],
    steps_to_99: null,
    still_gaining: diverged ? null : false,
    processor_s: 30,
    twin: null,
    kernel: null,
  };
}
