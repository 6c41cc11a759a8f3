import { printable, UsageError, unknownName } from "../core/errors.ts";
import { type Parameter, type ParameterValue, readValue } from "../core/parameters.ts";
import { findVariant, parameterize, type Variant } from "../core/variant.ts";

/** Parameter settings, by variant and name, null for none; or as typed. */
export type Settings = readonly string[] | Readonly<Record<string, Readonly<Record<string, ParameterValue>>>>;

/** Settings as typed, such as `stride.reach=none`. */
export function settingsOf(set: Settings | string | undefined = []): readonly string[] {
  if (typeof set === "string") return [set];
  if (isTyped(set)) return set;
  return Object.entries(set).flatMap(([variant, parameters]) =>
    Object.entries(parameters).map(([name, value]) => `${variant}.${name}=${value ?? "none"}`),
  );
}

function isTyped(set: Settings): set is readonly string[] {
  return Array.isArray(set);
}

/** A variant with the parameters that were set for it. */
export interface ChosenVariant {
  readonly variant: Variant;
  readonly overrides: Readonly<Record<string, ParameterValue>>;
}

/**
 * The variants named (`local,truncated` names one, once; `@sparse` names all of that tag; nothing names the
 * usual ones), with settings such as `longformer.window=64` or `stride.reach=none` applied. A setting without
 * a variant, `window=64`, is for the only one chosen.
 */
export function chooseVariants(
  known: readonly Variant[],
  named: string | undefined,
  settings: readonly string[],
): ChosenVariant[] {
  const chosen =
    named === undefined
      ? known.filter(isUsual)
      : [...new Set(named.split(",").flatMap((name) => variantsNamed(known, name.trim())))];
  const overrides = new Map<string, Record<string, ParameterValue>>(chosen.map(({ id }) => [id, {}]));
  for (const setting of settings) {
    const { variant, parameter, value } = parseSetting(setting, known, chosen);
    const own = overrides.get(variant.id);
    if (own === undefined) {
      throw new UsageError(
        `--set ${printable(setting, 60)}: ${variant.id} is not among the chosen variants; choose it with --variants`,
      );
    }
    if (Object.hasOwn(own, parameter)) {
      throw new UsageError(`--set ${printable(setting, 60)}: ${variant.id}.${parameter} is set twice`);
    }
    own[parameter] = value;
  }
  return chosen.map((variant) => {
    const own = overrides.get(variant.id) ?? {};
    parameterize(variant, own);
    return { variant, overrides: own };
  });
}

/** Whether a variant is compared unless others are named: one of the core, or an untagged one. */
export function isUsual({ tags = [] }: Untagged): boolean {
  return tags.length === 0 || tags.includes(CORE);
}

/** The tag of the variants that are compared unless others are named. */
const CORE = "core";

/** A variant of an older version has no tags. */
type Untagged = Partial<Pick<Variant, "tags">>;

/** The variant of a name, or all of a tag, written `@tag`. */
function variantsNamed(known: readonly Variant[], name: string): readonly Variant[] {
  if (!name.startsWith("@")) return [findVariant(known, name)];
  const tagged = known.filter(({ tags = [] }: Untagged) => tags.includes(name.slice(1)));
  if (tagged.length > 0) return tagged;
  const tags = [...new Set(known.flatMap(({ tags = [] }: Untagged) => tags))].map((tag) => `@${tag}`);
  throw unknownName("tag", name, tags.sort());
}

/** The one variant named, with settings applied. */
export function chooseVariant(
  known: readonly Variant[],
  named: string,
  settings: readonly string[],
): ChosenVariant {
  findVariant(known, named);
  return chooseVariants(known, named, settings)[0];
}

function parseSetting(setting: string, known: readonly Variant[], chosen: readonly Variant[]) {
  const match = /^(?:([^.=]+)\.)?([^.=]+)=(.+)$/.exec(setting.trim());
  if (match === null) {
    throw new UsageError(`--set: must be variant.parameter=value, got '${printable(setting, 60)}'`);
  }
  const [, name, parameter, text] = match;
  if (name === undefined && chosen.length !== 1) {
    const having = chosen.filter((one) => settable(one, parameter) !== null);
    const forms = having.map(({ id }) => `${id}.${parameter}=${printable(text, 20)}`);
    throw new UsageError(
      `--set ${printable(setting, 60)}: must name its variant when several are chosen; ` +
        (forms.length > 0
          ? `write ${forms.join(" or ")}`
          : `none of them has a parameter ${printable(parameter, 40)}`),
    );
  }
  const variant = name === undefined ? chosen[0] : findVariant(known, name);
  const declared = settable(variant, parameter);
  // Refuses the name.
  if (declared === null) parameterize(variant, { [parameter]: 0 });
  return { variant, parameter, value: parseValue(setting, declared, text) };
}

/** The parameter of this name that a variant has, or can be given; null if there is none. */
export function settable({ params, forms = {} }: Variant, name: string): Parameter | null {
  if (Object.hasOwn(params, name)) return params[name];
  return Object.hasOwn(forms, name) ? forms[name] : null;
}

function parseValue(setting: string, parameter: Parameter | null, text: string): ParameterValue {
  const value = parameter === null ? undefined : readValue(parameter, text);
  if (value !== undefined) return value;
  throw new UsageError(
    `--set ${printable(setting, 60)}: the value must be ${allowedFor(parameter)}, got '${printable(text, 40)}'`,
  );
}

function allowedFor(parameter: Parameter | null): string {
  if (parameter !== null && "choices" in parameter) return parameter.choices.join(" or ");
  return parameter !== null && "form" in parameter ? parameter.rule : "a number or none";
}
