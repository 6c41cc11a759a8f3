import { readFileSync } from "node:fs";
import { messageOf, printable, UsageError, unknownName } from "../core/errors.ts";

/** Options as they came from the command line, by name. */
export type Given = Readonly<Record<string, unknown>>;

/** The text of an option that takes one value; undefined where it was not given. */
export function textOption(given: Given, name: string): string | undefined {
  const value = given[name];
  if (value === undefined) return undefined;
  if (Array.isArray(value)) throw new UsageError(`--${name}: was given ${value.length} times; give it once`);
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new UsageError(`--${name}: must have a value, got ${printable(JSON.stringify(value) ?? "none", 60)}`);
}

/** The texts of an option that may be repeated. */
export function listOption(given: Given, name: string): readonly string[] {
  const value = given[name] ?? [];
  const list = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item !== "string" || item === "") throw new UsageError(`--${name}: must have a value`);
    return item;
  });
}

/** Whether a switch is on. */
export function switchOption(given: Given, name: string): boolean {
  const value = given[name] ?? false;
  if (typeof value !== "boolean") {
    throw new UsageError(
      `--${name}: is a switch and takes no value, got ${printable(JSON.stringify(value), 60)}`,
    );
  }
  return value;
}

/** The options with those of the file named by `--config` filled in where the command line said nothing. */
export function withConfig(given: Given, known: readonly string[]): Given {
  const path = textOption(given, "config");
  if (path === undefined) return given;
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(path, "utf8"));
  } catch (thrown) {
    throw new UsageError(`--config ${printable(path)}: must be a readable JSON file, ${messageOf(thrown)}`);
  }
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new UsageError(`--config ${printable(path)}: must hold an object of options`);
  }
  for (const name of Object.keys(config)) {
    if (!known.includes(name) || name === "config")
      throw unknownName(`option in ${printable(path)}`, name, known);
  }
  const typed = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...config, ...typed };
}
