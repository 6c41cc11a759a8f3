import type { Options } from "yargs";
import { mostAlike, printable, UsageError, unknownName } from "../../core/errors.ts";
import {
  applyOptions,
  bisectOptions,
  calibrateOptions,
  checkOptions,
  compareOptions,
  doctorOptions,
  exportOptions,
  gateOptions,
  historyAcceptOptions,
  historyAddOptions,
  historyCheckOptions,
  historyExportOptions,
  historyListOptions,
  historyPageOptions,
  listOptions,
  pageOptions,
  peersOptions,
  reportOptions,
  runOptions,
  showOptions,
  sweepCancelOptions,
  sweepCollectOptions,
  sweepOptions,
  sweepResumeOptions,
  sweepStatusOptions,
  sweepWorkOptions,
  trainOptions,
} from "./options.ts";
import { notASwitch } from "./typed.ts";

/** Every command with its options. */
const optionsOf: Readonly<Record<string, Readonly<Record<string, Options>>>> = {
  run: runOptions,
  check: checkOptions,
  apply: applyOptions,
  doctor: doctorOptions,
  peers: peersOptions,
  list: listOptions,
  show: showOptions,
  report: reportOptions,
  export: exportOptions,
  page: pageOptions,
  compare: compareOptions,
  gate: gateOptions,
  bisect: bisectOptions,
  calibrate: calibrateOptions,
  train: trainOptions,
  sweep: sweepOptions,
  "sweep status": sweepStatusOptions,
  "sweep resume": sweepResumeOptions,
  "sweep cancel": sweepCancelOptions,
  "sweep collect": sweepCollectOptions,
  "sweep work": sweepWorkOptions,
  "history add": historyAddOptions,
  "history list": historyListOptions,
  "history check": historyCheckOptions,
  "history accept": historyAcceptOptions,
  "history page": historyPageOptions,
  "history export": historyExportOptions,
  completion: {},
};

/** What must be named after the command. */
const argumentOf: Readonly<Record<string, string>> = {
  apply: "a variant",
  show: "a variant",
  report: "a results file",
  export: "a results file",
  compare: "two results files or more",
  sweep: "a plan",
  "sweep status": "a sweep's folder",
  "sweep resume": "a sweep's folder",
  "sweep cancel": "a sweep's folder",
  "sweep collect": "a sweep's folder",
  "sweep work": "a sweep's folder",
  "history add": "a results file or a file of blocks",
  "history accept": "a commit",
};

/** The first words of commands of two words. */
const GROUPS: ReadonlySet<string> = new Set(
  Object.keys(optionsOf).flatMap((name) => (name.includes(" ") ? [name.split(" ")[0]] : [])),
);

/**
 * The command that words name, and the first word after it; undefined if they name none. The first word of a group may be a
 * command by itself, as `sweep` is.
 */
function commandIn(words: readonly string[]): { readonly command?: string; readonly extra?: string } {
  const [first, second, third] = words.filter((word) => !word.startsWith("-"));
  if (first === undefined) return {};
  const both = `${first} ${second}`;
  const isGroup = GROUPS.has(first) && !Object.hasOwn(optionsOf, first) && second !== undefined;
  if (isGroup || Object.hasOwn(optionsOf, both)) return { command: both, extra: third };
  return { command: first, extra: second };
}

/** The commands, those of two words by their first. */
function commandNames(): readonly string[] {
  return [...new Set(Object.keys(optionsOf).map((name) => name.split(" ")[0]))];
}

/** The commands of two words of a group. */
function commandsOf(group: string): readonly string[] {
  return Object.keys(optionsOf).filter((name) => name.startsWith(`${group} `));
}

/** What follows a command besides options and their values. */
function argumentsOf(command: string, words: readonly string[]): readonly string[] {
  const valued = Object.entries(optionsOf[command]).filter(([, { type }]) => type !== "boolean");
  const names = new Set(valued.map(([name]) => `--${name}`));
  return words.filter((word, at) => !word.startsWith("-") && !names.has(words[at - 1])).slice(1);
}

/** Switches that every command has. */
const COMMON = ["help", "version", "debug"];

/** The on-off switches of a command: `--report` is one for `run`, and names a folder for `gate`. */
function switchesOf(command: string | undefined): ReadonlySet<string> {
  const own = command !== undefined && Object.hasOwn(optionsOf, command) ? optionsOf[command] : {};
  const names = Object.keys(own).filter((name) => own[name].type === "boolean");
  return new Set([...COMMON, ...names]);
}

/**
 * Refuses what the parser would accept: it reads any value of a switch but `true` as off, and skips what
 * follows `--`.
 */
export function checkWords(words: readonly string[]): void {
  const { command, extra } = commandIn(words);
  if (command === "completion" && extra !== undefined) throw usageError(`Unknown argument: ${extra}`, words);
  const switches = switchesOf(command);
  for (const word of words) {
    if (word === "--") throw new UsageError("--: has no meaning here; omit it");
    const [, name, value] = /^--([^=]+)=(.*)$/s.exec(word) ?? [];
    if (name !== undefined && switches.has(name) && value !== "true" && value !== "false") {
      throw notASwitch(name, `'${value}'`);
    }
  }
}

/** Turns what the parser complains about into one line that lists what is known. */
export function usageError(message: string, words: readonly string[]): UsageError {
  const { command } = commandIn(words);
  if (command === undefined) {
    return new UsageError(
      `a command must be named, one of ${commandNames().join(", ")}; see attnbench --help`,
    );
  }
  if (GROUPS.has(command) && !Object.hasOwn(optionsOf, command)) {
    const own = commandsOf(command);
    return new UsageError(`${command}: must be followed by what to do, one of ${own.join(", ")}`);
  }
  if (!Object.hasOwn(optionsOf, command)) return unknownName("command", command, commandNames());
  const advice = `see attnbench ${command} --help`;
  if (message.startsWith("Not enough non-option arguments")) {
    return new UsageError(`${command}: ${argumentOf[command]} must be named; ${advice}`);
  }
  const missing = /^Missing required arguments?: (.*)/.exec(message)?.[1].replaceAll(/\w+/g, "--$&");
  if (missing !== undefined) return new UsageError(`${command}: must be given ${missing}; ${advice}`);
  const unknown = /^Unknown arguments?: (.*)$/s.exec(message)?.[1].split(", ")[0];
  if (unknown === undefined)
    return new UsageError(`${command}: ${printable(message.split("\n")[0])}; ${advice}`);
  const option = unknownOption(command, words);
  if (option === undefined && GROUPS.has(command)) {
    // `sweep stauts FOLDER`: what was taken for a plan is no word of the group.
    const own = commandsOf(command);
    const typed = argumentsOf(command, words)[0] ?? "";
    const [nearest] = /^[a-z]+$/.test(typed) ? mostAlike(`${command} ${typed}`, own) : [];
    const hint = nearest === undefined ? advice : `did you mean ${nearest}?`;
    return new UsageError(
      `${command}: must be followed by ${argumentOf[command]} alone, or be one of ${own.join(", ")}, got '${printable(typed, 60)}' with more after it; ${hint}`,
    );
  }
  if (option === undefined) {
    return new UsageError(`${command}: takes no argument '${printable(unknown)}'; ${advice}`);
  }
  if (option === "-") return noStream(command, words[words.indexOf("-") - 1] ?? "");
  const own = Object.keys(optionsOf[command]);
  return unknownName(
    `option of ${command}`,
    option,
    (own.length === 0 ? COMMON : own).map((name) => `--${name}`),
  );
}

/**
 * The error of naming a stream where a file is needed: `standard-input.ts` has spelled out those that may be
 * one.
 */
function noStream(command: string, before: string): UsageError {
  const where = before.startsWith("--") ? `${command}: ${printable(before, 40)}` : `${command}: an argument`;
  return new UsageError(
    `${where} must not be -; inputs are read only from files, and outputs are written to files: name one`,
  );
}

/**
 * The first word that is an option, short or long, and none of this command; a negative number is a value.
 */
function unknownOption(command: string, words: readonly string[]): string | undefined {
  const known = new Set([...Object.keys(optionsOf[command]), ...COMMON].map((name) => `--${name}`));
  return words
    .filter((word) => word.startsWith("-") && !/^-\.?\d/.test(word))
    .map((word) => word.split("=")[0])
    .find((name) => !known.has(name));
}
