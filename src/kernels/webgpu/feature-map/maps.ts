import { EXP, EXP2, NOT_FINITE } from "../wgsl/transcendental.ts";
import { WEIGHT } from "./expansion.ts";
import type { MapPlan } from "./plan.ts";

/**
 * What the features of any tensor need, once in a shader: `table` is the binding of the map's numbers, if it has any.
 */
export function mapGround({ map, table }: MapPlan, binding: number): string {
  const texts = [NOT_FINITE, EXP2, EXP];
  if (map === "elu" || map === "relu" || map === "reweighted") texts.push(POSITIVE);
  if (map === "rolled") texts.push(POSITIVE);
  if (table !== null) {
    const type = map === "taylor" ? "vec4u" : "vec2f";
    texts.push(`@group(0) @binding(${binding}) var<storage, read> table: array<${type}>;`);
  }
  return texts.join("\n");
}

/** `positive4(x)`: max(x, 0), NaN of NaN. */
const POSITIVE = `
fn positive4(x: vec4f) -> vec4f {
  return select(x, vec4f(), ((bitcast<vec4u>(x) >> vec4u(31u)) == vec4u(1u)) & !nan4(x));
}`;

/**
 * `features_name(row, position, quad)`: four features of a row of a tensor that `load_name` reads, whose
 * token is at that position, counted from where tables begin; 0 beyond the last one.
 */
export function featuresText(plan: MapPlan, name: string): string {
  return `fn features_${name}(row: u32, position: u32, quad: u32) -> vec4f {
${bodyOf(plan, name)}
}`;
}

function bodyOf(plan: MapPlan, name: string): string {
  const { map, width, quads } = plan;
  switch (map) {
    case "whole":
      return `  return load_${name}(row, quad);`;
    case "relu":
      return `  return positive4(load_${name}(row, quad));`;
    case "elu":
      // What is below 0 is e^x, whose exponent the other branch must not raise; NaN takes either.
      return `  let x = load_${name}(row, quad);
  let isNegative = (bitcast<vec4u>(x) >> vec4u(31u)) == vec4u(1u);
  let phi = select(x + 1.0, exp_4(select(vec4f(), x, isNegative)), isNegative);
  let column = vec4u(quad * 4u) + vec4u(0u, 1u, 2u, 3u);
  return select(vec4f(), phi, column < vec4u(${width}u));`;
    case "reweighted":
      return `  let half = quad / ${quads / 2}u;
  let angle = table[position];
  return select(vec4f(), positive4(load_${name}(row, quad % ${quads / 2}u)) * angle[half % 2u], half < 2u);`;
    case "rolled":
      return rolledBody(plan, name);
    case "taylor":
      return taylorBody(plan, name);
    default:
      return map satisfies never;
  }
}

/** `r ⊙ roll(r, t)`, t from 1 on, of `r = [relu(x), relu(-x)]`. */
function rolledBody({ width, quads, rolls }: MapPlan, name: string): string {
  const both = 2 * width;
  return `  if (quad >= ${quads}u) { return vec4f(); }
  var a = vec4f();
  var b = vec4f();
  for (var i = 0u; i < 4u; i++) {
    let feature = quad * 4u + i;
    if (feature < ${both * rolls}u) {
      let c = feature % ${both}u;
      let other = (c + ${both}u - (feature / ${both}u + 1u) % ${both}u) % ${both}u;
      a[i] = rectified_${name}(row, c);
      b[i] = rectified_${name}(row, other);
    }
  }
  return positive4(a) * positive4(b);
}
fn rectified_${name}(row: u32, c: u32) -> f32 {
  let channel = c % ${width}u;
  let x = load_${name}(row, channel / 4u)[channel % 4u];
  return select(x, -x, c >= ${width}u);`;
}

function taylorBody({ width, quads, factor, preparation }: MapPlan, name: string): string {
  const channels = preparation?.form === "projected" ? preparation.rows : width;
  // Products with what the layer learned have their factor already.
  const scale = preparation === null ? ` * ${factor}` : "";
  return `  if (quad >= ${quads}u) { return vec4f(); }
  let words = table[quad];
  var phi = vec4f();
  for (var i = 0u; i < 4u; i++) { phi[i] = product_${name}(row, words[i]); }
  return phi;
}
fn channel_${name}(row: u32, channel: u32) -> f32 {
  if (channel == ${channels}u) { return 1.0; }
  return load_${name}(row, channel / 4u)[channel % 4u]${scale};
}
fn product_${name}(row: u32, word: u32) -> f32 {
  let weight = word >> 24u;
  if (weight == ${WEIGHT.zero}u) { return 0.0; }
  let product = channel_${name}(row, word & 4095u) * channel_${name}(row, (word >> 12u) & 4095u);
  return select(product, product * ${Math.SQRT1_2}, weight == ${WEIGHT.rootOfHalf}u);`;
}
