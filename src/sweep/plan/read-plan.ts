import * as z from "zod";
import { printable, UsageError, unknownName } from "../../core/errors.ts";
import { schemaRule } from "../../record/schema-rule.ts";
import { valueAt } from "../../record/value-at.ts";
import { parseDuration } from "../../text/units.ts";
import { axisValues, settingValue } from "./option-values.ts";
import type { Axis, MachineClass, OptionForm, OptionValue, SweepPlan } from "./plan.ts";
import { readYaml, type YamlText } from "./read-yaml.ts";

/** What a plan may name. */
export interface PlanRules {
  /** The options of a run, by their names without dashes. */
  readonly options: ReadonlyMap<string, OptionForm>;
  /** What each engine lets a plan say of a class of machines. */
  readonly engines: ReadonlyMap<string, z.ZodType>;
}

/** A plan, and where in its text things stand, for messages: `plan.yaml line 7`. */
export interface ReadPlan {
  readonly plan: SweepPlan;
  at(path: readonly PropertyKey[]): string;
}

/** What a sweep does if its plan does not say. */
const USUAL = { engine: "local", baseline: "full", repeats: 1, seconds: "15m", cases: 60 } as const;
/** The class of machines of a plan that names none: the one that measures. */
const THIS_MACHINE = "here";
/** The most classes of machines, times that all is repeated, and cases of a shard. */
const MOST = { machines: 100, repeats: 1000, cases: 100_000 } as const;

/** The two that a run takes in one go: a list is theirs, and no axis. */
const IN_A_RUN = ["variants", "lengths"] as const;

const plainName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, {
  error: "must be at most 40 small letters, digits and dashes, the first of them no dash",
});
const mapping = z.record(z.string(), z.unknown());

const planSchema = z.strictObject({
  name: plainName,
  engine: z.string().default(USUAL.engine),
  baseline: z.string().default(USUAL.baseline),
  repeats: z.number().int().min(1).max(MOST.repeats).default(USUAL.repeats),
  shard: z
    .strictObject({
      time: z
        .union([z.string(), z.number()], { error: "must be a time such as 90s or 2h" })
        .default(USUAL.seconds),
      cases: z.number().int().min(2).max(MOST.cases).default(USUAL.cases),
    })
    .prefault({}),
  grid: mapping,
  exclude: z.array(mapping).default([]),
  settings: mapping.default({}),
  machines: z.record(plainName, mapping.nullable()).nullish(),
});

/** Reads a plan. `where` names it in messages, of which each gives the line. */
export function readPlan(where: string, text: string, rules: PlanRules): ReadPlan {
  const yaml = readYaml(where, text);
  const at = (path: readonly PropertyKey[]) => `${where} line ${yaml.lineOf(path)}`;
  const within = <T>(path: readonly PropertyKey[], read: () => T): T => {
    try {
      return read();
    } catch (thrown) {
      if (!(thrown instanceof UsageError)) throw thrown;
      throw new UsageError(`${at(path)}: ${thrown.message}`);
    }
  };
  if (yaml.value === null) {
    throw new UsageError(`${where}: is empty; a plan has a name and a grid at least, see docs/sweeps.md`);
  }
  const given = checked(planSchema, yaml, [], at);
  const { grid, settings, exclude } = given;
  within(["engine"], () => {
    if (!rules.engines.has(given.engine))
      throw unknownName("engine", given.engine, [...rules.engines.keys()]);
  });
  const form = (path: readonly PropertyKey[], option: string): OptionForm =>
    within(path, () => {
      const known = rules.options.get(option);
      if (known === undefined) throw unknownOption(option, rules);
      return known;
    });
  const inRun = (option: (typeof IN_A_RUN)[number]): string | undefined => {
    if (settings[option] !== undefined) {
      throw new UsageError(`${at(["settings", option])}: settings.${option}: write it under grid`);
    }
    if (grid[option] === undefined) return undefined;
    return within(["grid", option], () => settingValue(`grid.${option}`, "commas", grid[option]) as string);
  };
  const axes = Object.keys(grid)
    .filter((option) => !IN_A_RUN.some((one) => one === option))
    .sort()
    .map((option): Axis => {
      const path = ["grid", option];
      const kind = form(path, option);
      return { option, values: within(path, () => axisValues(`grid.${option}`, kind, grid[option])) };
    });
  const fixed = Object.keys(settings)
    .sort()
    .map((option): [string, OptionValue] => {
      const path = ["settings", option];
      const kind = form(path, option);
      if (grid[option] !== undefined && kind !== "repeated") {
        throw new UsageError(`${at(path)}: settings.${option}: is in the grid as well; remove one of them`);
      }
      return [option, within(path, () => settingValue(`settings.${option}`, kind, settings[option]))];
    });
  const excluded = exclude.map((one, index) => {
    const entries = Object.entries(one).map(([option, value]): [string, OptionValue | null] => {
      const path = ["exclude", index, option];
      const axis = axes.find((known) => known.option === option);
      if (axis === undefined) {
        throw new UsageError(
          `${at(path)}: exclude: must name what the grid goes through, got ${printable(option, 60)}; that has ${axes.map((known) => known.option).join(", ") || "nothing"}`,
        );
      }
      const [only] = within(path, () => axisValues(`exclude.${option}`, form(path, option), [value]));
      if (!axis.values.some((known) => sameValue(known, only))) {
        throw new UsageError(
          `${at(path)}: exclude.${option}: must be one of the grid's, got ${printable(JSON.stringify(value), 60)}`,
        );
      }
      return [option, only];
    });
    return Object.fromEntries(entries);
  });
  return {
    plan: {
      name: given.name,
      engine: given.engine,
      baseline: given.baseline,
      repeats: given.repeats,
      shard: {
        seconds: within(["shard", "time"], () => parseDuration("shard.time", given.shard.time)),
        cases: given.shard.cases,
      },
      variants: inRun("variants"),
      lengths: inRun("lengths"),
      axes,
      exclude: excluded,
      settings: Object.fromEntries(fixed),
      machines: machinesOf(given.machines ?? {}, yaml, rules, at),
    },
    at,
  };
}

function unknownOption(option: string, { options }: PlanRules): UsageError {
  // `{ lengths: 8,16 }` is three keys: the second of them is a length.
  if (/^[\d@]/.test(option)) {
    return new UsageError(
      `unknown option of run '${printable(option, 40)}'; within braces a comma ends a value: write a list in brackets, or in quotes`,
    );
  }
  return unknownName("option of run", option, [...options.keys()]);
}

/** Whether two values of an option are one. */
export function sameValue(a: OptionValue | null | undefined, b: OptionValue | null | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function machinesOf(
  machines: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>,
  yaml: YamlText,
  { engines }: PlanRules,
  at: ReadPlan["at"],
): readonly MachineClass[] {
  const names = Object.keys(machines).sort();
  if (names.length > MOST.machines) {
    throw new UsageError(
      `${at(["machines"])}: machines: must be at most ${MOST.machines}, got ${names.length}`,
    );
  }
  if (names.length === 0) return [{ name: THIS_MACHINE, settings: {} }];
  return names.map((name) => {
    const settings = Object.keys(machines[name] ?? {}).map((engine): [string, unknown] => {
      const path = ["machines", name, engine];
      const schema = engines.get(engine);
      if (schema === undefined) {
        throw new UsageError(
          `${at(path)}: machines.${name}: ${unknownName("engine", engine, [...engines.keys()]).message}`,
        );
      }
      checked(schema, yaml, path, at);
      // As given: an engine reads it again when it is used.
      return [engine, valueAt(yaml.value, path) ?? {}];
    });
    return { name, settings: Object.fromEntries(settings) };
  });
}

/** What is at a path of the text, by a schema; or the first fault in it, in a line. */
function checked<T>(
  schema: z.ZodType<T>,
  { value: whole }: Pick<YamlText, "value">,
  path: readonly PropertyKey[],
  at: ReadPlan["at"],
): T {
  const value = valueAt(whole, path);
  // What an engine is given nothing for is all as usual.
  const parsed = schema.safeParse(path.length > 0 ? (value ?? {}) : value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const there = [...path, ...issue.path];
  const name = printable(there.map(String).join("."), 80);
  if (issue.code === "unrecognized_keys") {
    const [key] = issue.keys;
    const where = at([...there, key]);
    const known = knownKeys(schema, issue.path);
    const within = name === "" ? "plan" : name;
    if (known === null) throw new UsageError(`${where}: ${within}: ${schemaRule(issue)}`);
    throw new UsageError(`${where}: ${unknownName(`key of ${within}`, key, known).message}`);
  }
  // Of a key that is refused its value says nothing.
  const found = issue.code === "invalid_key" ? there.at(-1) : valueAt(whole, there);
  const got = printable(JSON.stringify(found) ?? "nothing", 60);
  const rule = OWN_RULES.has(issue.code) ? ruleOf(issue) : schemaRule(issue);
  throw new UsageError(`${at(there)}: ${name === "" ? "a plan" : name}: ${rule}, got ${got}`);
}

/** Faults of which the schemas say the rule themselves. */
const OWN_RULES: ReadonlySet<string> = new Set(["invalid_format", "invalid_key", "invalid_union"]);

/** A rule in our own words. */
function ruleOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? issue.message;
  return issue.message;
}

/** The keys that a mapping may have, within a schema; null if that is not a mapping of its own keys. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] | null {
  let inner: unknown = schema;
  for (const key of [...path, null]) {
    while (
      inner instanceof z.ZodDefault ||
      inner instanceof z.ZodPrefault ||
      inner instanceof z.ZodOptional
    ) {
      inner = inner.unwrap();
    }
    if (!(inner instanceof z.ZodObject)) return null;
    if (key === null) return Object.keys(inner.shape);
    inner = Reflect.get(inner.shape, key);
  }
  return null;
}
