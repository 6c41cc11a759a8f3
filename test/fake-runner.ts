import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";

/** A step of a composite action or of a job. */
export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string>>;
  readonly "working-directory"?: string;
}

interface Ended {
  /** Of the last script that ran: the job fails with it. */
  readonly status: number;
  /** What all scripts printed. */
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** What a runner of GitHub Actions brings: `context` for expressions, `env` for every script. */
export interface Surroundings {
  /** An existing folder, in which scripts start. */
  readonly folder: string;
  /** Values by the path that an expression names, such as `github.token`. */
  readonly context: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs the scripts of steps one after the other, as a runner does: up to the first that fails, with `${{ … }}` filled in
 * where it is allowed, which is in `if` and `env`. Steps that use other actions are passed over.
 */
export function runSteps(steps: readonly Step[], { folder, context, env }: Surroundings): Ended {
  const temp = join(folder, "temp");
  const summary = join(temp, "summary.md");
  mkdirSync(temp, { recursive: true });
  const known: Record<string, string> = { ...context };
  const outputs: Record<string, string> = {};
  let log = "";
  let status = 0;
  for (const [index, step] of steps.entries()) {
    if (step.run === undefined || !holds(step.if, known)) continue;
    const output = join(temp, `output-${index}`);
    const script = join(temp, `step-${index}.sh`);
    writeFileSync(output, "");
    writeFileSync(script, step.run);
    const own = Object.entries(step.env ?? {}).map(([name, value]) => [name, filled(value, known)]);
    const result = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", script], {
      cwd: join(folder, step["working-directory"] ?? "."),
      encoding: "utf8",
      env: {
        HOME: folder,
        PATH: process.env.PATH,
        RUNNER_TEMP: temp,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        ...env,
        ...Object.fromEntries(own),
      },
    });
    log += result.stdout + result.stderr;
    status = result.status ?? 1;
    for (const line of readFileSync(output, "utf8").split("\n").filter(Boolean)) {
      const at = line.indexOf("=");
      outputs[line.slice(0, at)] = line.slice(at + 1);
      known[`steps.${step.id}.outputs.${line.slice(0, at)}`] = line.slice(at + 1);
    }
    if (status !== 0) break;
  }
  return { status, log, outputs, summary: existsSync(summary) ? readFileSync(summary, "utf8") : "" };
}

function filled(text: string, known: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{\{ (\S+) \}\}/g, (_, path: string) => known[path] ?? "");
}

/** Of conditions only `NAME == 'word'` and `NAME != 'word'`. */
function holds(condition: string | undefined, known: Readonly<Record<string, string>>): boolean {
  if (condition === undefined) return true;
  const [, path, sign, word] = /^\$\{\{ (\S+) (==|!=) '(.*)' \}\}$/.exec(condition) ?? [];
  if (path === undefined)
    throw new TypeError(`runSteps: must be given a condition it knows, got ${condition}`);
  return ((known[path] ?? "") === word) === (sign === "==");
}

/**
 * The lines that a runner would obey. While commands are stopped it obeys none but the one that starts them again.
 */
export function obeyed(log: string): readonly string[] {
  const commands: string[] = [];
  let stopped: string | null = null;
  for (const line of log.split("\n").map((one) => one.trimStart())) {
    if (stopped !== null) {
      if (line === `::${stopped}::`) stopped = null;
    } else if (line.startsWith("::stop-commands::")) stopped = line.slice("::stop-commands::".length);
    else if (line.startsWith("::")) commands.push(line);
  }
  return commands;
}

/** An executable on a path of its own. */
export function writeProgram(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}
