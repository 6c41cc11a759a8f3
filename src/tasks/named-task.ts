import { printable, UsageError, unknownName } from "../core/errors.ts";
import { readValue } from "../core/parameters.ts";
import { findTask } from "./index.ts";
import type { BoundTask, LearningTask, NamedTask } from "./task.ts";

/**
 * The task of a text such as `mqar` or `mqar:pairs=8:length=32`. Refuses unknown names and sizes that do not fit
 * together; values that are the usual ones are omitted, so that equal tasks have equal names.
 */
export function readTask(text: string): NamedTask {
  const [id, ...settings] = text.trim().split(":");
  const task = findTask(id);
  const values: Record<string, number> = {};
  for (const setting of settings) {
    const [, name, value] = /^([^=]+)=(.+)$/.exec(setting) ?? [];
    if (name === undefined) {
      throw new UsageError(
        `${task.id}: a parameter must be name=value, as in ${exampleOf(task)}, got '${printable(setting, 60)}'`,
      );
    }
    if (Object.hasOwn(values, name)) throw new UsageError(`${task.id}.${name} is set twice; omit one`);
    values[name] = readNumber(task, name, value);
  }
  return nameTask(task.id, values);
}

/** A task with values, those that are the usual ones omitted. Refuses what does not fit together. */
export function nameTask(id: string, values: Readonly<Record<string, number>>): NamedTask {
  const task = findTask(id);
  task.bind(values);
  const names = Object.keys(task.params).filter(
    (name) => Object.hasOwn(values, name) && values[name] !== task.params[name].default,
  );
  return { task: id, values: Object.fromEntries(names.map((name) => [name, values[name]])) };
}

/** The task with its sizes. Throws a `UsageError` if there is none such, or its values do not fit together. */
export function bindTask({ task, values }: NamedTask): BoundTask {
  return findTask(task).bind(values);
}

/** As it is shown and named in files, such as `mqar pairs=8`. */
export function taskName({ task, values }: NamedTask): string {
  return [task, ...Object.entries(values).map(([name, value]) => `${name}=${value}`)].join(" ");
}

/** As it is typed, such as `mqar:pairs=8`. */
export function typedTask(named: NamedTask): string {
  return taskName(named).replaceAll(" ", ":");
}

function readNumber(task: LearningTask, name: string, text: string): number {
  if (!Object.hasOwn(task.params, name)) {
    throw unknownName(`parameter of ${task.id}`, name, Object.keys(task.params));
  }
  const value = readValue(task.params[name], text);
  if (typeof value === "number") return value;
  throw new UsageError(`${task.id}.${name} must be a number, got '${printable(text, 40)}'`);
}

function exampleOf({ id, params }: LearningTask): string {
  const [[name, parameter]] = Object.entries(params);
  return `${id}:${name}=${parameter.default}`;
}
