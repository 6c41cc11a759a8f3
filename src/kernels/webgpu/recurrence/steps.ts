import type { Storage } from "../gpu/storage.ts";
import { rowsText } from "../wgsl/rows.ts";
import { each } from "../wgsl/text.ts";
import { COLUMNS, type RecurrencePlan, SIZES_TEXT } from "./plan.ts";

/** Bindings of what tokens are read from. */
export const TOKENS = { sizes: 0, q: 1, k: 2, v: 3, tokens: 4, decays: 5, writes: 6 } as const;

/**
 * Quads of workgroup memory for the rows of a few tokens, and the most tokens: with their values and outputs
 * they stay below the 16 KiB that every device has.
 */
const MOST_STAGED = 384;
const MOST_TOKENS = 16;

/** What is laid out of each token where all threads read it, a row of channels each. */
type StagedRow = "query" | "written" | "decay" | "erasing" | "erased";

/** What a shader does with tokens: sums write them alone. */
export interface StepUse {
  readonly plan: RecurrencePlan;
  readonly storage: Storage;
  /** Whether rows of the output are made. */
  readonly reads: boolean;
}

/**
 * Tokens one after the other, in WGSL: a thread has a column of the state in registers, `s0`, `s1`, … of four
 * channels each, and a workgroup has 64 of them. What a token reads and writes by is laid out for a few
 * tokens at a time, with its factors in it.
 */
export class Steps {
  readonly #use: StepUse;
  readonly #rows: readonly StagedRow[];
  /** Tokens that are laid out together. */
  readonly tokens: number;

  constructor(use: StepUse) {
    const { plan, reads } = use;
    const { erase } = plan.mechanism;
    this.#use = use;
    this.#rows = [
      ...(reads ? (["query"] as const) : []),
      "written",
      ...(plan.channelDecays ? (["decay"] as const) : []),
      ...(erase === null ? [] : (["erasing"] as const)),
      ...(plan.erasesApart ? (["erased"] as const) : []),
    ];
    this.tokens = Math.max(
      1,
      Math.min(MOST_TOKENS, Math.floor(MOST_STAGED / (this.#rows.length * plan.quads))),
    );
  }

  /** What the shader declares: tensors, memory, and functions that lay tokens out. */
  get declarations(): string {
    const { plan, storage, reads } = this.#use;
    const { headDim, valueDim, quads, channelDecays, channelWrites } = plan;
    const gates = { width: 4 * quads, storage: "float32" } as const;
    return `${SIZES_TEXT}
${reads ? rowsText({ name: "q", binding: TOKENS.q, width: headDim, storage }) : ""}
${rowsText({ name: "k", binding: TOKENS.k, width: headDim, storage })}
${rowsText({ name: "v", binding: TOKENS.v, width: valueDim, storage })}
@group(0) @binding(${TOKENS.tokens}) var<storage, read> tokens: array<vec4f>;
${channelDecays ? rowsText({ name: "decays", binding: TOKENS.decays, ...gates }) : ""}
${channelWrites ? rowsText({ name: "writes", binding: TOKENS.writes, ...gates }) : ""}
var<workgroup> staged: array<vec4f, ${this.tokens * this.#rows.length * quads}>;
var<workgroup> gates: array<vec4f, ${this.tokens}>;
var<workgroup> values: array<vec4f, ${(this.tokens * COLUMNS) / 4}>;
${reads ? `var<workgroup> outputs: array<f32, ${this.tokens * COLUMNS}>;` : ""}`;
  }

  /**
   * Lays out the tokens from `token` to `end`, at most `tokens` of them: needs `base`, the row of the slice's
   * first token, `columns`, the block of columns, `lid`, and `hasValues`, without which values are 0.
   */
  get layOut(): string {
    const { plan } = this.#use;
    const { quads } = plan;
    const perToken = this.#rows.length * quads;
    return `workgroupBarrier();
    for (var i = lid; i < ${this.tokens * quads}u; i += ${COLUMNS}u) {
      let own = token + i / ${quads}u;
      let quad = i % ${quads}u;
      if (own < end) {
        let row = base + own;
        let gate = tokens[row];
        let key = load_k(row, quad);
        let to = (i / ${quads}u) * ${perToken}u + quad;
${this.#rows.map((name, index) => `        staged[to + ${index * quads}u] = ${this.#staged(name)};`).join("\n")}
      }
    }
    for (var i = lid; i < ${(this.tokens * COLUMNS) / 4}u; i += ${COLUMNS}u) {
      let own = token + i / ${COLUMNS / 4}u;
      var value = vec4f();
      if (own < end && hasValues) { value = load_v(base + own, columns * ${COLUMNS / 4}u + i % ${COLUMNS / 4}u); }
      values[i] = value;
    }
    if (lid < ${this.tokens}u && token + lid < end) { gates[lid] = tokens[base + token + lid]; }
    workgroupBarrier();`;
  }

  /**
   * Four channels of what is laid out: q and k are brought to length 1 where they are to be, and k is
   * multiplied by its gates.
   */
  #staged(name: StagedRow): string {
    const { plan } = this.#use;
    const { unit, erase } = plan.mechanism;
    const write = plan.channelWrites ? "load_writes(row, quad)" : "gate.y";
    const unitKey = "(key / gate.w)";
    const key = unit === "both" ? unitKey : "key";
    const erasing = unit === null ? "key" : unitKey;
    const decay = plan.channelDecays ? "load_decays(row, quad)" : "gate.x";
    switch (name) {
      case "query":
        return unit === "both" ? "load_q(row, quad) / gate.z" : "load_q(row, quad)";
      case "written":
        return `${write} * ${key}`;
      case "decay":
        return decay;
      case "erasing":
        return erase === "after-decay" ? `${decay} * ${erasing}` : erasing;
      case "erased":
        return `${write} * ${erasing}`;
      default:
        return name satisfies never;
    }
  }

  /** Declares a column of zeros. */
  get cleared(): string {
    return each(this.#use.plan.quads, (c) => `var s${c} = vec4f();`, " ");
  }

  /** The loop over the tokens that are laid out. Leaves rows of the output in `outputs` if there are any. */
  get taken(): string {
    const { plan, reads } = this.#use;
    const { quads, mechanism } = plan;
    const { erase, bonus, skip } = mechanism;
    const at = (name: StagedRow, c: number): string =>
      `staged[at + ${this.#rows.indexOf(name) * quads + c}u]`;
    const decay = (c: number): string => (plan.channelDecays ? at("decay", c) : "alpha");
    const held = `var held4 = vec4f();
${each(quads, (c) => `      held4 = fma(${at("erasing", c)}, s${c}, held4);`)}
      let held = (held4.x + held4.y) + (held4.z + held4.w);`;
    const update = (c: number): string => {
      const less = plan.erasesApart ? ` s${c} = fma(${at("erased", c)}, vec4f(-held), s${c});` : "";
      return `s${c} = fma(${at("written", c)}, vec4f(new_value), ${decay(c)} * s${c});${less}`;
    };
    const read = (c: number): string => `read4 = fma(${at("query", c)}, s${c}, read4);`;
    const own = (c: number): string => `own4 = fma(${at("query", c)}, ${at("written", c)}, own4);`;
    const lines = [
      `let at = t * ${this.#rows.length * quads}u;`,
      "let alpha = gates[t].x;",
      `let value = values[t * ${COLUMNS / 4}u + lid / 4u][lid % 4u];`,
      ...(erase === null ? [] : [held]),
      `let new_value = ${erase === null || plan.erasesApart ? "value" : "value - held"};`,
      ...(reads ? ["var read4 = vec4f();"] : []),
      ...(reads && bonus !== null ? ["var own4 = vec4f();"] : []),
      each(quads, (c) => {
        if (!reads) return update(c);
        return bonus === null ? `${update(c)} ${read(c)}` : `${read(c)} ${own(c)} ${update(c)}`;
      }),
      ...(reads ? [this.#output(bonus, skip)] : []),
    ];
    return `for (var t = 0u; t < min(${this.tokens}u, end - token); t++) {
      ${lines.join("\n      ")}
    }`;
  }

  #output(bonus: number | null, skip: number): string {
    const sum = (name: string): string => `((${name}.x + ${name}.y) + (${name}.z + ${name}.w))`;
    const own = bonus === null ? "" : ` + ${wgslFloat(bonus)} * ${sum("own4")} * value`;
    const past = skip === 0 ? "" : ` + ${wgslFloat(skip)} * value`;
    return `outputs[t * ${COLUMNS}u + lid] = ${wgslFloat(this.#use.plan.scale)} * (${sum("read4")}${own})${past};`;
  }

  /** Four channels of the decay of token `t`, where channels have their own. */
  decayQuad(t: string, quad: string): string {
    const { quads } = this.#use.plan;
    const from = this.#rows.indexOf("decay") * quads;
    return `staged[${t} * ${this.#rows.length * quads}u + ${from}u + ${quad}]`;
  }

  /** Four columns of a row that is in `outputs`: of token `t`, from `from` on. */
  outputQuad(t: string, from: string): string {
    return `vec4f(${each(4, (i) => `outputs[${t} * ${COLUMNS}u + ${from} + ${i}u]`, ", ")})`;
  }
}

/** A number as a literal of WGSL, in parentheses, since it may be negative. */
function wgslFloat(x: number): string {
  return `(${Number.isInteger(x) ? `${x}.0` : x})`;
}
