import { readFileSync } from "node:fs";
import process from "node:process";
import { messageOf } from "../../core/errors.ts";
import { answerOf, STEP_EXIT, step, stepTask } from "./step.ts";

// What `git bisect run` starts: tests the commit that is checked out, tells what came of it in one line of JSON, and answers
// git by its exit code.

const ended = new AbortController();
// Closed by whoever began the bisection if it is to end, and by the system if that was killed.
process.stdin.on("end", () => ended.abort());
process.stdin.on("error", () => ended.abort());
process.stdin.resume();
// A terminal's interrupt goes to that process, which then closes it.
process.on("SIGINT", () => {});

try {
  const task = stepTask.parse(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));
  const came = await step(task, ended.signal);
  if (came !== null) process.stdout.write(`${JSON.stringify(came)}\n`);
  process.exitCode = came === null ? STEP_EXIT.stop : answerOf(came);
} catch (thrown) {
  // Such as a full disk: no other commit would fare better.
  process.stdout.write(`${JSON.stringify({ type: "stopped", why: messageOf(thrown) })}\n`);
  process.exitCode = STEP_EXIT.stop;
}
process.stdin.destroy();
