import { existsSync, statSync } from "node:fs";
import { basename, extname, resolve } from "node:path";
import process from "node:process";
import * as z from "zod";
import { messageOf, printable, UsageError } from "../../core/errors.ts";
import { schemaRule } from "../../record/schema-rule.ts";
import type { Command } from "./attendant-words.ts";
import { commandWords } from "./command-words.ts";
import { namesPeer, programOfPeer, usualPython } from "./peers.ts";
import { isKernelId, KERNEL_ID_RULE } from "./protocol.ts";

/** A program that brings kernels, as options and plug-ins name it. */
export interface ExternalProgram {
  /** The id of its kernel in place of its own; before theirs, with a hyphen, if it brings several. Their own if omitted. */
  readonly id?: string | undefined;
  /** The program and its arguments: words, or a text that is split at spaces outside of quotes. */
  readonly command: string | readonly string[];
  /** Where it runs, from the working directory; the working directory if omitted. */
  readonly cwd?: string | undefined;
  /** Variables of its environment besides those of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

const PREFIX = "exec:";

const schema: z.ZodType<ExternalProgram> = z.strictObject({
  id: z.string().refine(isKernelId, KERNEL_ID_RULE).optional(),
  command: z.custom<ExternalProgram["command"]>(isCommand, "must be a text, or a list of texts"),
  cwd: z.string().min(1).optional(),
  env: z.record(z.string().regex(/^[^=\0]+$/), z.string().regex(/^[^\0]*$/)).optional(),
});

/** Whether a name is that of a program and not of a module: `exec:…`, `peer:…`, or a file in Python. */
export function namesProgram(name: string): boolean {
  return name.startsWith(PREFIX) || namesPeer(name) || extname(name) === ".py";
}

/** The name under which a program is known to options, plans and results. */
export function programName(program: ExternalProgram): string {
  const { id, command, cwd, env } = program;
  if (typeof command === "string" && (id ?? cwd ?? env) === undefined) return PREFIX + command;
  return PREFIX + JSON.stringify(program);
}

/**
 * The program of a name: `exec:python3 mine.py`, `exec:{"command": …}`, `peer:pytorch`, or a file in Python. Refuses what is
 * none.
 */
export function programOf(name: string): ExternalProgram & { readonly words: readonly string[] } {
  const where = printable(name, 80);
  if (namesPeer(name)) return programOfPeer(name);
  if (!name.startsWith(PREFIX)) {
    const words = servedBy(usualPython(), name);
    return { command: words, words };
  }
  const text = name.slice(PREFIX.length);
  if (!text.trimStart().startsWith("{")) return { command: text, words: typedWords(where, text) };
  const program = parsed(where, text);
  const { command } = program;
  return { ...program, words: typeof command === "string" ? commandWords(where, command) : command };
}

function isCommand(value: unknown): boolean {
  const isWord = (one: unknown) => typeof one === "string" && one !== "";
  return Array.isArray(value) ? value.length > 0 && value.every(isWord) : isWord(value);
}

/** The words that serve a file in Python, whether or not it ends with `serve()`. */
export function servedBy(python: string, file: string): readonly string[] {
  return [python, "-m", "attnbench_kernel", file];
}

/** A command that a shell has left in quotes as a whole, is within them: one word that is no file. */
function typedWords(where: string, text: string): string[] {
  const words = commandWords(where, text);
  const [first] = words;
  return words.length === 1 && /\s/.test(first) && !existsSync(first) ? commandWords(where, first) : words;
}

function parsed(where: string, text: string): ExternalProgram {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new UsageError(
      `${where}: must be JSON such as {"command": "python3 mine.py"}, got ${messageOf(thrown)}`,
    );
  }
  return checkedProgram(where, value);
}

/** A program given as a value. Refuses what is none, with `where` in front. */
export function checkedProgram(where: string, value: unknown): ExternalProgram {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data;
  const [issue] = error.issues;
  const path = issue.path.map(String).join(".");
  throw new UsageError(
    `${where}: ${path === "" ? "a program" : printable(path, 60)} ${schemaRule(issue)}; write {"id": "mine", "command": "python3 mine.py"}`,
  );
}

/** The first file that a program's command names, whose code it is; null if it names none. */
export function fileOfProgram(name: string): string | null {
  return filesNamed(programOf(name))[0] ?? null;
}

/** What runs a file that the next words name, and is no code of the program's own, such as `/opt/python3.11`. */
const RUNS_A_FILE = /^(python|pypy|node)[\d.]*(\.exe)?$/i;

/** The files that a command names, and others of its code, each once: those that are there. */
export function filesNamed(
  { words, cwd = "." }: Pick<Command, "words" | "cwd">,
  others: readonly string[] = [],
): readonly string[] {
  const own = RUNS_A_FILE.test(basename(words[0])) ? words.slice(1) : words;
  const paths = [...own.filter((word) => word.includes(".")), ...others].map((name) => resolve(cwd, name));
  return [...new Set(paths)].filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

/** How a program is called in messages: its file, or the program itself. */
export function shortProgramName(words: readonly string[]): string {
  const script = words.slice(1).find((word) => /\.\w+$/.test(word) && !word.startsWith("-"));
  return printable(basename(script ?? words[0]), 60);
}

/** How a program is started: files in Python find what attnbench brings for them. */
export function commandOf(name: string, pythonFolder: string): Command {
  const { words, cwd, env } = programOf(name);
  const where = printable(name, 80);
  if (!name.startsWith(PREFIX) && !namesPeer(name) && !existsSync(name)) {
    throw new UsageError(`${where}: there is no such file`);
  }
  if (cwd !== undefined && statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError(`${where}: cwd must be a folder, got ${printable(cwd, 200)}`);
  }
  const before = env?.PYTHONPATH ?? process.env.PYTHONPATH;
  const path =
    before === undefined || before === ""
      ? pythonFolder
      : `${pythonFolder}${process.platform === "win32" ? ";" : ":"}${before}`;
  return { words, cwd, env: { ...QUIET, ...env, PYTHONPATH: path } };
}

/**
 * Python's answers leave at once, and nothing is written next to a user's files. Programs are told that attnbench started
 * them, so that what they print from the first line on stays out of their answers.
 */
const QUIET = { PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1", ATTNBENCH_PROTOCOL: "1" } as const;
