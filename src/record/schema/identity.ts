import { maskText } from "../../core/call-settings.ts";
import { isReduced, USUAL_DTYPE } from "../../core/dtype.ts";
import { USUAL_OPERATION } from "../../core/operation.ts";
import { countText } from "../../text/count-text.ts";
import { modeOf, operationOf } from "./case-task.ts";
import { type CaseIdentity, caseIdentity } from "./result-lines.ts";

/** What is measured, with the input if known: a plan has one for all its cases. */
export type Identified = Omit<CaseIdentity, "case"> & { readonly input?: string };

export type IdentityName = keyof Identified;

/**
 * One field of what a case is. Everything that tells cases apart, names or lists them is built from these.
 */
interface IdentityField {
  /** As tables hold it: what a results file omits is filled in. */
  readonly of: (row: Identified) => string | number | boolean | null;
  /** What it is compared by, if `of` differs in cases that agree in it. */
  readonly key?: (row: Identified) => string;
  /** Its part in the name of a case, empty for what is usual; omitted if another field's part states it. */
  readonly inName?: (row: Identified) => string;
  /** Set if most cases have none: its column then follows all others, in tables where some case has one. */
  readonly rare?: true;
  /**
   * In the words of tables and labels, if it is one of the settings that cases may share; empty if there is
   * nothing to say. `safe` makes a stranger's text harmless and short.
   */
  readonly setting?: (row: Identified, safe: (text: string) => string) => string;
}

/** In the order of columns. A new field of `caseIdentity` is an entry here, and the compiler demands it. */
const fields: Readonly<Record<IdentityName, IdentityField>> = {
  variant: { of: ({ variant }) => variant, inName: variantPart },
  kernel: { of: ({ kernel }) => kernel, inName: ({ kernel }) => kernel },
  length: {
    of: ({ length }) => length,
    // The whole shape.
    inName: shapePart,
  },
  batch: { of: ({ batch }) => batch, setting: ({ batch }) => `batch ${batch}` },
  heads: {
    of: ({ heads }) => heads,
    setting: ({ heads }) => countText(heads, "head"),
  },
  head_dim: { of: (row) => row.head_dim, setting: (row) => `head dim ${row.head_dim}` },
  causal: {
    of: ({ causal }) => causal,
    inName: (row) => (row.causal && !operationOf(row).alwaysCausal ? "causal" : ""),
    setting: ({ causal }) => (causal ? "causal" : "not causal"),
  },
  mode: { rare: true, of: modeOf, inName: (row) => (modeOf(row) === USUAL_OPERATION ? "" : modeOf(row)) },
  threads: {
    of: ({ threads }) => threads,
    inName: ({ threads }) => (threads > 1 ? `t${threads}` : ""),
    setting: ({ threads }) => countText(threads, "thread"),
  },
  params: {
    of: ({ params }) => JSON.stringify(params),
    // By name, unset ones as if absent: a variant that gains a new one still finds its old results.
    key: (row) => JSON.stringify(setParameters(row).sort(([a], [b]) => (a < b ? -1 : 1))),
  },
  input: {
    of: ({ input = null }) => input,
    setting: ({ input }, safe) => (input === undefined ? "" : `input ${safe(input)}`),
  },
  scale: {
    rare: true,
    of: ({ scale = null }) => scale,
    inName: ({ scale }) => (scale === undefined ? "" : `scale=${scale}`),
    setting: ({ scale }) => (scale === undefined ? "" : `scale ${scale}`),
  },
  mask: {
    rare: true,
    of: ({ mask }) => (mask === undefined ? "" : maskText(mask)),
    inName: ({ mask }) => (mask === undefined ? "" : `mask(${maskText(mask)})`),
    setting: ({ mask }) => (mask === undefined ? "" : `mask ${maskText(mask)}`),
  },
  given_edges: {
    rare: true,
    of: ({ given_edges = null }) => given_edges,
    inName: ({ given_edges }) => (given_edges === undefined ? "" : `edges=${given_edges}`),
    setting: ({ given_edges }) =>
      given_edges === undefined ? "" : `${countText(given_edges, "edge")} of the input`,
  },
  given_gates: {
    rare: true,
    of: ({ given_gates = [] }) => given_gates.join("+") || null,
    inName: ({ given_gates }) => (given_gates === undefined ? "" : `gates=${given_gates.join("+")}`),
    setting: ({ given_gates }) => (given_gates === undefined ? "" : `${given_gates.join(", ")} of the input`),
  },
  kv_heads: {
    rare: true,
    of: (row) => row.kv_heads ?? row.heads,
    key: (row) => unlessAs(row.heads, row.kv_heads),
    setting: (row) => (row.kv_heads === undefined ? "" : `${countText(row.kv_heads, "head")} of k and v`),
  },
  queries: {
    rare: true,
    of: ({ queries, length }) => queries ?? length,
    key: ({ queries, length }) => unlessAs(length, queries),
    setting: queriesSetting,
  },
  value_dim: {
    rare: true,
    of: (row) => row.value_dim ?? row.head_dim,
    key: (row) => unlessAs(row.head_dim, row.value_dim),
    setting: (row) => (row.value_dim === undefined ? "" : `values ${row.value_dim} wide`),
  },
  model_dim: {
    rare: true,
    of: (row) => row.model_dim ?? null,
    inName: (row) => (row.model_dim === undefined ? "" : `layer${row.model_dim}`),
    setting: (row) => (row.model_dim === undefined ? "" : `layers ${row.model_dim} wide`),
  },
  positions: {
    rare: true,
    of: ({ positions = null }) => positions,
    inName: ({ positions }) => positions ?? "",
    setting: ({ positions }, safe) => (positions === undefined ? "" : `positions ${safe(positions)}`),
  },
  dtype: {
    rare: true,
    of: ({ dtype = USUAL_DTYPE }) => dtype,
    inName: ({ dtype }) => (isReduced(dtype) ? dtype : ""),
    setting: ({ dtype }) => (isReduced(dtype) ? dtype : ""),
  },
};

/** A dimension that is usually as another: it then says nothing that the other does not. */
function unlessAs(usual: number, value: number | undefined): string {
  return value === undefined || value === usual ? "" : String(value);
}

/** The whole shape: `b1h8n1024d64`, or with what is not as usual `b1h8kv2m1n1024d192v128`. */
function shapePart({ batch, heads, kv_heads, queries, length, head_dim, value_dim }: Identified): string {
  const [kv, rows, values] = [
    kv_heads === undefined ? "" : `kv${kv_heads}`,
    queries === undefined ? "" : `m${queries}`,
    value_dim === undefined ? "" : `v${value_dim}`,
  ];
  return `b${batch}h${heads}${kv}${rows}n${length}d${head_dim}${values}`;
}

/** In a causal call it matters where the queries stand. */
function queriesSetting({ queries, causal }: Identified): string {
  if (queries === undefined) return "";
  const counted = `${queries} ${queries === 1 ? "query" : "queries"}`;
  return causal ? `${counted}, the last at the last key` : counted;
}

/** A field with its name, that of its column and of its place in a results file. */
export interface NamedField extends IdentityField {
  readonly name: IdentityName;
}

/** The fields in the order of columns. */
export const IDENTITY: readonly NamedField[] = (Object.keys(fields) as IdentityName[]).map((name) => ({
  name,
  ...fields[name],
}));

/** What a results file has of each case, in its order: the same in the plan and in the case's line. */
export const CASE_FIELDS = Object.keys(caseIdentity.shape) as readonly (keyof CaseIdentity)[];

/** The identity of a case alone, of a line that holds more. */
export function identityOf<Row extends Omit<CaseIdentity, "case">>(
  row: Row,
): Pick<Row, keyof Row & keyof CaseIdentity> {
  const known = Object.entries(row).filter(([, value]) => value !== undefined);
  const held = new Map<string, unknown>(known);
  const picked = CASE_FIELDS.filter((name) => held.has(name)).map((name) => [name, held.get(name)]);
  return Object.fromEntries(picked);
}

/** A text that is equal in two rows if and only if they agree in every field except those excluded. */
export function identityKey(row: Identified, without: readonly IdentityName[] = []): string {
  return JSON.stringify(
    IDENTITY.filter(({ name }) => !without.includes(name)).map(({ of, key = of }) => key(row)),
  );
}

/** What belongs to the variant of a case, and may be otherwise in those that it is compared with. */
const OF_VARIANT: readonly IdentityName[] = ["variant", "params", "given_edges", "given_gates"];

/**
 * What a case must share with the baseline, besides its length, to be compared with it; equal texts mean the
 * same.
 */
export function companyOf(row: Identified): string {
  return identityKey(row, [...OF_VARIANT, "length"]);
}

/** What competing cases share: all but variant and parameters. */
export function contestOf(row: Identified): string {
  return identityKey(row, OF_VARIANT);
}

/** Equal in two rows with the same parameters. */
export function parameterKey(row: Identified): string {
  return identityKey(
    row,
    IDENTITY.map(({ name }) => name).filter((name) => name !== "params"),
  );
}

/**
 * A name that no other case has: `local(window=128)/js/b1h1n256d64/causal`, or `…/decode`, which is causal
 * anyway.
 */
export function caseName(row: Omit<CaseIdentity, "case">): string {
  return IDENTITY.map(({ inName }) => inName?.(row) ?? "")
    .filter((part) => part !== "")
    .join("/");
}

/** The fields that are settings, causality first, as one says it. */
export const SETTINGS: readonly NamedField[] = IDENTITY.filter(({ setting }) => setting !== undefined).sort(
  (a, b) => Number(b.name === "causal") - Number(a.name === "causal"),
);

function variantPart(row: Identified): string {
  const params = setParameters(row).map(([name, value]) => `${name}=${value}`);
  return params.length > 0 ? `${row.variant}(${params.join(",")})` : row.variant;
}

function setParameters({ params }: Identified): [string, string | number | boolean | null][] {
  return Object.entries(params).filter(([, value]) => value !== null);
}
