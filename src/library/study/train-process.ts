import { enableCompileCache } from "node:module";
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { FailureError, messageOf } from "../../core/errors.ts";
import { findVariant, parameterize } from "../../core/variant.ts";
import { choosable } from "../../kernels/choosable.ts";
import { findTask } from "../../tasks/index.ts";
import { nameTask, taskName } from "../../tasks/named-task.ts";
import type { ModelSizes } from "../../tasks/task.ts";
import { openLearning } from "../../training/open-learning.ts";
import { checkKernel } from "../../training/study/check-kernel.ts";
import { failedRun, type RunResult } from "../../training/study/run-result.ts";
import { trainRun } from "../../training/study/train-run.ts";
import { withinModel } from "../../training/within-model.ts";
import { loadCatalogue } from "../catalogue.ts";
import { changedPlugins } from "./changed-code.ts";
import type { TrainMessage, TrainTask } from "./train-task.ts";

/** A process of a study: trains one model, says what it sees, and ends. */
enableCompileCache();

// The parent has been killed: nobody waits for the rest.
process.once("disconnect", () => process.exit(1));

process.once("message", async (task: TrainTask) => {
  await say({
    kind: "done",
    result: await trained(task).catch((thrown: unknown) => failedRun(messageOf(thrown))),
  });
  process.exit(0);
});

async function trained({ run, cell, task, protocol, plugins, code }: TrainTask): Promise<RunResult> {
  const learning = await openLearning();
  if (typeof learning === "string") throw new FailureError(learning);
  const catalogue = await loadCatalogue(plugins, "auto");
  const changed = changedPlugins({ plugins: code }, catalogue.plugins);
  if (changed !== null) {
    throw new FailureError(`the study began with ${changed}; restore it and resume, or start over`);
  }
  const { kinds } = catalogue;
  const bound = findTask(task.id).bind(task.params);
  const model = sizesOf(task.model);
  const mechanism = withinModel(
    parameterize(findVariant(catalogue.variants, cell.variant), cell.params),
    kinds,
  );
  const settings = {
    // Whatever the model is: a sweep over widths of heads is of the same examples.
    name: taskName(nameTask(task.id, task.params)),
    task: bound,
    batch: task.batch,
    steps: task.steps,
    lookEvery: protocol.look_every,
    validationExamples: protocol.validation_examples,
    testExamples: protocol.test_examples,
  };
  const kernelMeans = {
    kinds,
    kernels: choosable(catalogue.kernels, "auto"),
    seed: run.seed,
    now: () => performance.now() / 1000,
  };
  const result = await trainRun(
    run,
    settings,
    () => learning.create({ task: bound, model, mechanism, batch: task.batch, seed: run.seed }),
    {
      twin: () => learning.checkTwin({ mechanism, task: bound, model }, kinds, run.seed),
      kernel: (learner, examples) => checkKernel(learner.calls(examples), kernelMeans),
      processorSeconds: () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1e6;
      },
    },
    async (look) => {
      await say({ kind: "looked", look });
      // That the parent has gone is heard only between two steps.
      await setImmediate();
    },
  );
  await catalogue.close();
  return result;
}

function sizesOf({ feed_forward: feedForward, ...sizes }: TrainTask["task"]["model"]): ModelSizes {
  return { ...sizes, feedForward };
}

/** Resolves when the message has left. */
function say(message: TrainMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, undefined, {}, () => resolve());
  });
}
