import { expect } from "vitest";
import type { HeadRows } from "./shared-case.ts";
import { keysOf } from "./shared-files.ts";

/** Softmax attention, number by number; q `[batch, heads, M, d]`, k and v `[batch, kvHeads, N, …]`. */
export function attended(
  given: Readonly<Record<"q" | "k" | "v", { shape: readonly number[]; data: Float32Array }>>,
  pattern: HeadRows,
) {
  const { q, k, v } = given;
  const [batch, heads, queries, width] = q.shape;
  const [, kvHeads, length, columns] = v.shape;
  const out: number[] = [];
  for (let row = 0; row < batch * heads * queries; row++) {
    const head = Math.floor(row / queries) % heads;
    const entry = Math.floor(row / queries / heads);
    const base = (entry * kvHeads + Math.floor((head * kvHeads) / heads)) * length;
    const keys = keysOf(pattern[pattern.length > 1 ? head : 0][row % queries]).map((key) => base + key);
    const dot = (key: number) =>
      q.data
        .slice(row * width, (row + 1) * width)
        .reduce((sum, x, c) => sum + x * k.data[key * width + c], 0);
    const weights = keys.map((key) => Math.exp(0.5 * dot(key)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (let column = 0; column < columns; column++) {
      const sum = weights.reduce((so, weight, at) => so + weight * v.data[keys[at] * columns + column], 0);
      out.push(keys.length === 0 ? 0 : sum / total);
    }
  }
  return out;
}

/** Expects numbers as near as float32 makes them. */
export function expectNear(actual: Float32Array, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [at, value] of expected.entries()) expect(actual[at], `element ${at}`).toBeCloseTo(value, 5);
}
