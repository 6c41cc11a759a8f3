import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { prepareStudy } from "../../../src/library/study/train.ts";
import type { TrainTask } from "../../../src/library/study/train-task.ts";
import { spinModule } from "../../gate/stand-in.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";

const folder = scratchFolder();
const host = { today: () => new Date(0), warn: () => {} };

/** A run that would take hours, and is looked at after each step. */
async function longTask(): Promise<TrainTask> {
  const choices = { variants: "full", quick: true, steps: 1_000_000 };
  const { study } = await prepareStudy(choices, "never-written.jsonl", host);
  const [cell] = study.cells;
  const [task] = study.tasks;
  return {
    run: { cell: cell.cell, role: "test", rate: 0.01, seed: 0 },
    cell,
    task,
    protocol: { look_every: 1, validation_examples: 1, test_examples: 1 },
    plugins: [],
  };
}

function forked(): ChildProcess {
  const module = new URL("../../../src/library/study/train-process.ts", import.meta.url);
  const child = fork(module, { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

test("a process that trains takes no plug-in of which the code was edited since the study began", async () => {
  const plugin = folder.write("mine.mjs", spinModule());
  const child = forked();
  child.send({
    ...(await longTask()),
    plugins: [plugin],
    code: [{ name: "mine.mjs", code: { "mine.mjs": "0" } }],
  });
  const [message] = await once(child, "message");
  expect(message).toMatchObject({
    kind: "done",
    result: {
      outcome: "failed",
      reason: expect.stringMatching(
        /^the study began with plugins mine.mjs 0, this is mine.mjs \w{12}; restore it/,
      ),
    },
  });
});

test("a process that trains ends at its next look once nobody waits for it", async () => {
  const child = forked();
  child.send(await longTask());
  const [message] = await once(child, "message");
  expect(message).toMatchObject({ kind: "looked", look: { step: 1 } });
  const ended = once(child, "exit");
  child.disconnect();
  expect(await ended).toEqual([1, null]);
});
