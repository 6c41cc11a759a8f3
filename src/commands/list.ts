import { printable, UsageError } from "../core/errors.ts";
import type { Parameter, Parameters } from "../core/parameters.ts";
import { parameterize } from "../core/variant.ts";
import type { Kernel } from "../kernels/kernel.ts";
import { loadCatalogue } from "../library/catalogue.ts";
import { findKernel } from "../library/known-kernels.ts";
import { type Listed, type ListedFamily, listing } from "../library/listing.ts";
import { simdOf } from "../library/simd-option.ts";
import type { Catalogue } from "../plugins/load-plugin.ts";
import { EXIT, type ExitCode, type Io, print } from "./io.ts";
import { listTable, type TableOptions } from "./list-table.ts";

export interface ListOptions {
  /** The only family to list; all, and the kernels, if undefined. */
  readonly family: string | undefined;
  /** The only kernel to list; undefined if it is not about one. */
  readonly kernel?: string | undefined;
  /** Whether to print the machine code that this kernel generates instead. */
  readonly debug?: boolean;
  readonly json: boolean;
  readonly plugins: readonly string[];
  readonly simd: string | undefined;
  /** What Table 1 is printed for, in the place of the list; undefined if it is not. */
  readonly table?: Omit<TableOptions, "family" | "json"> | undefined;
}

/** Lists every variant with its parameters, by family, and every kernel with its build if it has several. */
export async function list(options: ListOptions, io: Io): Promise<ExitCode> {
  // A device is opened only to say what it is.
  const named = options.kernel === undefined ? [] : [options.kernel];
  const catalogue = await loadCatalogue(options.plugins, simdOf(options.simd), named);
  try {
    return listed(options, catalogue, io);
  } finally {
    await catalogue.close();
  }
}

function listed(options: ListOptions, catalogue: Catalogue, io: Io): ExitCode {
  if (options.table !== undefined) {
    const { family, json } = options;
    listTable(catalogue, { ...options.table, family, json }, io);
    return EXIT.fine;
  }
  if (options.kernel !== undefined) {
    listKernel(findKernel(catalogue, options.kernel), options, io);
    return EXIT.fine;
  }
  const { variants, kernels, kinds } = catalogue;
  const families = listing(variants, kinds, options.family);
  const forms = variants.find((one) => one.forms !== undefined)?.forms ?? {};
  if (options.json) {
    const found = {
      variants: families.flatMap((family) => family.variants.map((one) => variantJson(family.id, one))),
      forms: Object.fromEntries(Object.entries(forms).map(([name, one]) => [name, parameterJson(one)])),
      kernels: kernels.map(kernelJson),
    };
    print(io, JSON.stringify(found, null, 2));
    return EXIT.fine;
  }
  for (const family of families) print(io, ...describeFamily(family));
  if (options.family !== undefined) return EXIT.fine;
  print(io, ...describeForms(forms), "");
  print(io, "kernels (auto takes the first that supports a case):");
  for (const kernel of kernels) print(io, `  ${kernelLine(kernel)}`);
  return EXIT.fine;
}

/** One kernel, or the machine code that it generates: as text that GNU `as` takes. */
function listKernel(kernel: Kernel, { json, debug = false }: ListOptions, io: Io): void {
  if (!debug) {
    print(io, json ? JSON.stringify(kernelJson(kernel), null, 2) : kernelLine(kernel));
    return;
  }
  if (kernel.listing === undefined) {
    throw new UsageError(`--debug: kernel ${kernel.id} generates no machine code to be listed; omit it`);
  }
  print(io, kernel.listing());
}

function kernelJson({ id, title, details, unavailable }: Kernel) {
  const why = unavailable?.() ?? null;
  return { id, title, ...(details && { details: details() }), ...(why !== null && { unavailable: why }) };
}

/** One that cannot run and has no details of itself says why it cannot. */
function kernelLine({ id, title, details, unavailable }: Kernel): string {
  const told = details?.() ?? unavailable?.() ?? null;
  return `${id}  ${printable(title)}${told === null ? "" : `: ${printable(told, 500)}`}`;
}

/** What every variant over a pattern can be given besides its own parameters. */
function describeForms(forms: Parameters): string[] {
  return [
    "forms (any variant over a pattern can be given them, such as --set local.bias=alibi):",
    ...Object.entries(forms).map(([name, form]) => {
      const rule = "rule" in form ? `: ${form.rule}` : "";
      return printable(`  ${name}${rule}; ${form.meaning}`, 500);
    }),
  ];
}

function variantJson(family: string, { variant, decoding, gradient }: Listed) {
  const { id, title, summary, aliases, tags, source, params } = variant;
  const { mechanism, exponent } = parameterize(variant, {});
  return {
    id,
    family,
    title,
    summary,
    aliases,
    tags,
    kind: mechanism.kind,
    exponent,
    source,
    decoding,
    gradient,
    params: Object.fromEntries(Object.entries(params).map(([name, one]) => [name, parameterJson(one)])),
    forms: Object.keys(variant.forms ?? {}),
  };
}

function describeFamily({ id, summary, variants }: ListedFamily): string[] {
  return [
    `${id}: ${summary}`,
    "",
    ...variants.flatMap((one) => [...describeVariant(one).map((line) => `  ${line}`), ""]),
  ];
}

function describeVariant({ variant, cost, decoding, gradient }: Listed): string[] {
  const aliases = variant.aliases.length > 0 ? `, alias ${variant.aliases.join(", ")}` : "";
  const parameters = Object.entries(variant.params);
  const widest = Math.max(0, ...parameters.map(([name]) => name.length));
  return [
    `${variant.id}  grows as ${cost}${aliases}`,
    `  ${printable(variant.summary, 500)}`,
    `  ${printable(variant.source, 500)}`,
    `  decoding ${decoding}`,
    `  gradient ${gradient}`,
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

function parameterJson(parameter: Parameter) {
  const { default: value, unit, meaning } = parameter;
  if ("choices" in parameter) return { default: value, choices: parameter.choices, unit, meaning };
  if ("form" in parameter) return { default: value, rule: parameter.rule, unit, meaning };
  const { least, optional } = parameter;
  return { default: value, least, unit, meaning, optional };
}
