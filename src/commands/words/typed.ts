import type { Options } from "yargs";
import { messageOf, printable, UsageError, unknownName } from "../../core/errors.ts";
import { awaitWhole, shownName } from "../../files/read-whole.ts";
import { recodeAdvice, textEncoding } from "../../files/text-encoding.ts";
import { checkedProgram, programName } from "../../kernels/external/program-spec.ts";
import { commaLists, runOptions } from "./options.ts";

/** Options as they came from the command line, by name. */
export type Given = Readonly<Record<string, unknown>>;

/** The text of an option that takes one value; undefined if it was not given. */
export function textOption(given: Given, name: string): string | undefined {
  const value = given[name];
  if (value === undefined) return undefined;
  if (typeof value === "number") return String(value);
  if (typeof value === "string" && value !== "") return value;
  if (Array.isArray(value) && value.length > 1) {
    throw new UsageError(`--${name}: must be given once, got ${value.length} values; omit the others`);
  }
  throw noValue(name, value);
}

/** The same for an option whose value is optional; empty if it was omitted. */
export function optionalTextOption(given: Given, name: string): string | undefined {
  return given[name] === "" ? "" : textOption(given, name);
}

/** The texts of an option that may be repeated. */
export function listOption(given: Given, name: string): readonly string[] {
  const value = given[name];
  if (value === undefined) return [];
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw noValue(name, "");
  return list.map((item) => {
    if (typeof item !== "string" || item === "") throw noValue(name, item);
    return item;
  });
}

/** The words after the command, if any. */
export function positionals(given: Given, name: string): readonly string[] {
  const value = given[name];
  return Array.isArray(value) && value.length === 0 ? [] : listOption(given, name);
}

/** Whether a switch is on. */
export function switchOption(given: Given, name: string): boolean {
  return maybeSwitch(given, name) ?? false;
}

/** The same; undefined if it was not given. */
export function maybeSwitch(given: Given, name: string): boolean | undefined {
  const value = given[name];
  if (value === undefined) return undefined;
  if (typeof value === "boolean") return value;
  if (Array.isArray(value)) throw new UsageError(`--${name}: must be given once, got ${value.length} times`);
  throw notASwitch(name, JSON.stringify(value));
}

/** The error of giving a switch a value. */
export function notASwitch(name: string, value: string): UsageError {
  return new UsageError(
    `--${name}: is on or off and takes no value, got ${printable(value, 60)}; omit the value`,
  );
}

function noValue(name: string, value: unknown): UsageError {
  const got = value === "" ? undefined : JSON.stringify(value);
  return new UsageError(
    `--${name}: must have one value${got === undefined ? "" : `, got ${printable(got, 60)}`}`,
  );
}

/** The options, with those missing filled in from the file that `--config` names. */
export async function withConfig(given: Given, known: readonly string[]): Promise<Given> {
  const path = textOption(given, "config");
  if (path === undefined) return given;
  const bytes = await awaitWhole(path);
  const where = printable(shownName(path));
  const encoding = textEncoding(bytes);
  if ("foreign" in encoding) {
    throw new UsageError(`--config ${where}: ${recodeAdvice(encoding.foreign)}`);
  }
  const content = bytes.toString("utf8", encoding.markBytes);
  let config: unknown;
  try {
    config = JSON.parse(content);
  } catch (thrown) {
    throw new UsageError(
      `--config ${where}: must be JSON such as {"heads": 8}, got ${content.trim() === "" ? "an empty file" : messageOf(thrown)}; write the options as one object`,
    );
  }
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new UsageError(
      `--config ${where}: must hold an object of options such as {"heads": 8}, got ${printable(content.trim(), 40)}`,
    );
  }
  const allowed = known.filter((name) => name !== "config");
  for (const name of Object.keys(config)) {
    if (!allowed.includes(name)) throw unknownName(`option in ${where}`, name, allowed);
  }
  const typed = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...Object.fromEntries(Object.entries(config).map(asTyped(where))), ...typed };
}

/**
 * What a file says about an option, as it would be typed: lists are joined by commas, or given one by one.
 */
function asTyped(where: string) {
  return ([name, value]: [string, unknown]): [string, unknown] => {
    if (!Array.isArray(value) || repeats(name)) return [name, value];
    const rule = `--config ${where}: ${name}`;
    if (!commaLists.has(name)) {
      throw new UsageError(`${rule} must be one value, got a list of ${value.length}`);
    }
    const words = name === "kernel" ? value.map((one) => inOneWord(rule, one)) : value;
    const fit = words.every((item) => typeof item === "number" || (typeof item === "string" && item !== ""));
    if (words.length > 0 && fit) return [name, words.join(",")];
    throw new UsageError(
      `${rule} must be a list of strings or numbers, got ${printable(JSON.stringify(value), 60)}`,
    );
  };
}

/** A program that brings kernels, which a file may write as an object: `{ "id": …, "command": …, "cwd": …, "env": … }`. */
function inOneWord(rule: string, one: unknown): unknown {
  return typeof one === "object" && one !== null ? programName(checkedProgram(rule, one)) : one;
}

function repeats(name: string): boolean {
  const option: Options | undefined = Object.entries(runOptions).find(([known]) => known === name)?.[1];
  return option?.array === true;
}
