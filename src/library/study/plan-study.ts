import { parameterize } from "../../core/variant.ts";
import type { Kinds } from "../../mechanisms/kinds.ts";
import type { PluginCode } from "../../plugins/import-plugin.ts";
import type { StudiedCell, StudiedTask, StudyLine } from "../../record/schema/learning-lines.ts";
import { shortcutAccuracy } from "../../tasks/shortcut-accuracy.ts";
import type { BoundTask } from "../../tasks/task.ts";
import type { Learning } from "../../training/learner.ts";
import { CHOSEN_RATES, OTHERWISE } from "../../training/study/usual-cells.ts";
import type { StudySpec, StudyTask } from "./options.ts";
import { factsOf } from "./subject.ts";

/** The seed by which rates are chosen: none of those that are reported, which begin at 0. */
const CHOOSING_SEEDS = [1000] as const;

/** Looks at accuracy in a run, and on how many examples. */
const LOOKS = 16;
/** Steps between two of them at most: a process that says nothing for long is given up. */
const MOST_STEPS = 1000;
const VALIDATION_EXAMPLES = 512;
const TEST_EXAMPLES = 1024;

/** Everything that a study is going to do, as the first line that it writes. */
export function planStudy(
  spec: StudySpec,
  {
    learning,
    kinds,
    started,
    code,
    plugins,
  }: {
    readonly learning: Learning;
    readonly kinds: Kinds;
    readonly started: Date;
    readonly code: Readonly<Record<string, string>> | undefined;
    readonly plugins: readonly PluginCode[];
  },
): StudyLine {
  const { tasks, variants, quick } = spec;
  const fewest = Math.min(...tasks.map(({ steps }) => steps));
  return {
    type: "study",
    started: started.toISOString(),
    protocol: quick ? "quick" : "full",
    trainer: learning.name,
    rates: [...spec.rates],
    choosing_seeds: quick ? [] : [...CHOOSING_SEEDS],
    test_seeds: Array.from({ length: spec.seeds }, (_, seed) => seed),
    look_every: Math.min(MOST_STEPS, Math.max(1, Math.floor(fewest / LOOKS))),
    validation_examples: VALIDATION_EXAMPLES,
    test_examples: TEST_EXAMPLES,
    ...(code !== undefined && { code }),
    ...(plugins.length > 0 && { plugins: [...plugins] }),
    tasks: tasks.map(studied),
    cells: tasks.flatMap((one) =>
      variants.map(({ variant, overrides }): StudiedCell => {
        const filled = parameterize(variant, overrides);
        const facts = factsOf(filled, one, learning, kinds);
        return {
          cell: `${variant.id}/${one.name}`,
          variant: variant.id,
          title: variant.title,
          params: { ...filled.params },
          task: one.name,
          ...facts,
          rate: quick ? (CHOSEN_RATES[one.name]?.[variant.id] ?? OTHERWISE) : null,
        };
      }),
    ),
  };
}

/** What shortcuts get, if any are known. */
function shortcutsOf(bound: BoundTask): Pick<StudiedTask, "shortcuts"> {
  if (bound.shortcuts === undefined) return {};
  return {
    shortcuts: bound.shortcuts.map((one) => ({ by: one.by, accuracy: shortcutAccuracy(bound, one) })),
  };
}

function studied({ name, task, values, bound, model, batch, steps }: StudyTask): StudiedTask {
  return {
    task: name,
    id: task.id,
    title: task.title,
    measure: task.measure,
    limits: task.limits,
    params: { ...values },
    length: bound.length,
    causal: bound.causal,
    output: bound.output.kind,
    chance: bound.chance,
    ...shortcutsOf(bound),
    model: {
      layers: model.layers,
      width: model.width,
      heads: model.heads,
      convolution: model.convolution,
      feed_forward: model.feedForward,
      positions: model.positions,
    },
    batch,
    steps,
  };
}
