import { printable, UsageError, unknownName } from "../core/errors.ts";
import {
  applyOptions,
  checkOptions,
  listOptions,
  reportOptions,
  runOptions,
  showOptions,
} from "./options.ts";

/** Every command with the names of its options. */
const optionsOf: Readonly<Record<string, readonly string[]>> = {
  run: Object.keys(runOptions),
  check: Object.keys(checkOptions),
  apply: Object.keys(applyOptions),
  list: Object.keys(listOptions),
  show: Object.keys(showOptions),
  report: Object.keys(reportOptions),
  completion: [],
};

/** Turns what the parser complains about into one line that lists what is known. */
export function usageError(message: string, words: readonly string[]): UsageError {
  const command = words.find((word) => !word.startsWith("-")) ?? "";
  if (!Object.hasOwn(optionsOf, command)) return unknownName("command", command, Object.keys(optionsOf));
  const unknown = /^Unknown arguments?: (.*)$/s.exec(message)?.[1].split(", ")[0];
  if (unknown === undefined)
    return new UsageError(
      `${command}: ${printable(message.split("\n")[0])}; see attnbench ${command} --help`,
    );
  if (!words.some((word) => word.startsWith("-") && word.includes(unknown))) {
    return new UsageError(
      `${command}: takes no argument '${printable(unknown)}'; see attnbench ${command} --help`,
    );
  }
  return unknownName(
    `option of ${command}`,
    `--${unknown}`,
    optionsOf[command].map((name) => `--${name}`),
  );
}
