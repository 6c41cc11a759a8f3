import { printable } from "../core/errors.ts";
import { nextLength } from "../core/next-length.ts";
import type { Parameter } from "../core/parameters.ts";
import { parameterize, type Variant } from "../core/variant.ts";
import { loadCatalogue } from "../library/catalogue.ts";
import { simdOf } from "../library/simd-option.ts";
import type { Kinds } from "../mechanisms/kinds.ts";
import { causalityOf } from "../mechanisms/why-undefined.ts";
import { EXIT, type ExitCode, type Io, print } from "./io.ts";

/** Lists every variant with its parameters, and every kernel with its build if it has several. */
export async function list(
  options: { json: boolean; plugins: readonly string[]; simd: string | undefined },
  io: Io,
): Promise<ExitCode> {
  const { variants, kernels, kinds } = await loadCatalogue(options.plugins, simdOf(options.simd));
  if (options.json) {
    const listing = {
      variants: variants.map((variant) => ({
        id: variant.id,
        title: variant.title,
        aliases: variant.aliases,
        tags: variant.tags,
        kind: parameterize(variant, {}).mechanism.kind,
        exponent: parameterize(variant, {}).exponent,
        source: variant.source,
        decoding: stateOf(variant, kinds),
        params: Object.fromEntries(
          Object.entries(variant.params).map(([name, one]) => [name, parameterJson(one)]),
        ),
      })),
      kernels: kernels.map(({ id, title, details }) => ({
        id,
        title,
        ...(details && { details: details() }),
      })),
    };
    print(io, JSON.stringify(listing, null, 2));
    return EXIT.fine;
  }
  for (const variant of variants) print(io, ...describeVariant(variant, kinds), "");
  print(io, "kernels (auto takes the first that supports a case):");
  for (const { id, title, details } of kernels) {
    print(io, `  ${id}  ${printable(title)}${details ? `: ${printable(details())}` : ""}`);
  }
  return EXIT.fine;
}

function describeVariant(variant: Variant, kinds: Kinds): string[] {
  const aliases = variant.aliases.length > 0 ? `, also ${variant.aliases.join(", ")}` : "";
  const { exponent } = parameterize(variant, {});
  const parameters = Object.entries(variant.params);
  const widest = Math.max(0, ...parameters.map(([name]) => name.length));
  return [
    `${variant.id}  grows as N^${exponent}${aliases}`,
    `  ${printable(variant.source, 500)}`,
    `  decoding ${stateOf(variant, kinds)}`,
    ...parameters.map(
      ([name, one]) => `  ${name.padEnd(widest)}  ${printable(`${usualOf(one)}: ${one.meaning}`, 500)}`,
    ),
  ];
}

/** The default in its unit: `128 keys`, or `none (keys)`. */
function usualOf({ default: value, unit }: Parameter): string {
  if (value === null) return unit === "" ? "none" : `none (${unit})`;
  return `${value} ${unit}`.trim();
}

/** Tokens over which forgetting of a state is stated. */
const TOKENS = 4096;

/** What decoding keeps of the tokens so far, with the usual parameters. */
function stateOf(variant: Variant, kinds: Kinds): string {
  const judged = kinds.judged(parameterize(variant, {}));
  const { mechanism, kind } = judged;
  if (kind.step === undefined || causalityOf(judged) === "never") return "is not defined";
  return kind.step.keeps(mechanism, nextLength(kind.pattern(mechanism), TOKENS));
}

function parameterJson(parameter: Parameter) {
  const { default: value, unit, meaning } = parameter;
  if ("choices" in parameter) return { default: value, choices: parameter.choices, unit, meaning };
  if ("form" in parameter) return { default: value, rule: parameter.rule, unit, meaning };
  const { least, optional } = parameter;
  return { default: value, least, unit, meaning, optional };
}
