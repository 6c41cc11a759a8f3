import { FLOAT32_EPSILON, FLOAT32_TINIEST } from "../../core/error-budget.ts";
import type { RowPlace } from "../../core/rows.ts";
import { kvHeadOf, type Layout, layoutOf, offsetIn, QKV, type Shape } from "../../core/shape.ts";
import { layoutBy, type TensorSpecs } from "../../core/tensor-spec.ts";
import { type Numbers, tensorNamed } from "../../core/tensors.ts";
import { float64, type Oracle, type ReferenceRow } from "../oracle.ts";
import { disturbedPaths } from "../swept-heads.ts";
import type { GradientProblem } from "./gradient-kind.ts";
import { type Arithmetic, arithmeticOf, disturbed } from "./tape/arithmetic.ts";

/** One head of q in one batch entry. */
export interface HeadPlace {
  readonly batch: number;
  readonly head: number;
}

/**
 * What one head adds to the gradients of its inputs, by the inputs' names: each as large as one head of that input. What is
 * not named gets nothing.
 */
export type HeadGradients = Readonly<Partial<Record<string, Float64Array>>>;

/**
 * Gradients computed head by head, whole. Those of what heads or batch entries share are summed over them. Heads along
 * which dout is zero add nothing and are not computed.
 *
 * Slack is found by trying: the same is computed again with every result moved by as much as a rounding, at random, and the
 * numbers of a row share the most that any of them moved, since a few tries may all be lucky in one.
 */
export function sweptGradients(
  problem: GradientProblem,
  specs: TensorSpecs,
  ofHead: (place: HeadPlace, arithmetic: Arithmetic) => HeadGradients,
): Oracle {
  const { shape } = problem.inputs;
  const layouts = layoutsOf(problem.shape, shape, specs);
  const widest = Math.max(1, Math.min(shape.headDim, shape.valueDim));
  return {
    rows(places, round) {
      const sums = (arithmetic: Arithmetic) => sumRows(problem, layouts, places, arithmetic, ofHead);
      const rows = sums(arithmeticOf(round));
      let tried: readonly (readonly Float64Array[])[] | undefined;
      const tries = (): readonly (readonly Float64Array[])[] => {
        tried ??= Array.from({ length: disturbedPaths(widest) }, (_, seed) => sums(disturbed(seed)));
        return tried;
      };
      return rows.map((values, index): ReferenceRow => {
        const slack = (): Float64Array => {
          if (round !== float64) throw new TypeError("gradient: slack belongs to the exact rows");
          return slackOf(
            values,
            tries().map((all) => all[index]),
          );
        };
        return {
          values,
          // Where all cancels, what was there before is what roundings are relative to.
          get magnitudes() {
            const cancels = round === float64 && values.every((value) => value === 0);
            return cancels ? slack().map((one) => one / FLOAT32_EPSILON) : values.map(Math.abs);
          },
          slack,
        };
      });
    },
  };
}

/** How what has a gradient lies: of tokens as many as there are, of weights as many as there is room for. */
function layoutsOf(room: Shape, shape: Shape, specs: TensorSpecs): ReadonlyMap<string, Layout> {
  return new Map([
    ...QKV.map((name) => [name, layoutOf(shape, name)] as const),
    ...Object.entries(specs).map(
      ([name, spec]) => [name, layoutBy(spec.of === "weights" ? room : shape, spec)] as const,
    ),
  ]);
}

function sumRows(
  { inputs }: GradientProblem,
  layouts: ReadonlyMap<string, Layout>,
  places: readonly RowPlace[],
  arithmetic: Arithmetic,
  ofHead: (place: HeadPlace, arithmetic: Arithmetic) => HeadGradients,
): readonly Float64Array[] {
  const { shape, dout } = inputs;
  const asked = places.map((place) => {
    const input = (place.tensor ?? "").slice(1);
    const layout = layouts.get(input);
    if (layout === undefined) throw new RangeError(`gradient: there is none of ${input}`);
    return { place, input, layout, sums: new Float64Array(layout.width) };
  });
  const { rows, width } = layoutOf(shape, "output");
  for (let batch = 0; batch < shape.batch; batch++) {
    for (let head = 0; head < shape.heads; head++) {
      const own = asked.filter(({ place, layout }) => isOf(place, layout, shape, { batch, head }));
      if (own.length === 0) continue;
      const at = (batch * shape.heads + head) * rows * width;
      if (isZero(dout, at, rows * width)) continue;
      const made = ofHead({ batch, head }, arithmetic);
      for (const { place, input, layout, sums } of own) {
        const gradient = made[input];
        if (gradient === undefined) continue;
        for (let i = 0; i < layout.width; i++) {
          sums[i] = arithmetic.round(sums[i] + gradient[place.row * layout.width + i]);
        }
      }
    }
  }
  return asked.map(({ sums }) => sums);
}

/** Whether a head adds to a row: to those of its own, of what it shares, and of what all share. */
function isOf(place: RowPlace, layout: Layout, shape: Shape, { batch, head }: HeadPlace): boolean {
  const ofBatch = layout.batch === 1 ? 0 : batch;
  return place.batch === ofBatch && place.head === headIn(layout, shape, head);
}

/** The head of an input that a head of q reads. */
function headIn({ heads }: Layout, shape: Shape, head: number): number {
  if (heads === shape.heads) return head;
  return heads === 1 ? 0 : kvHeadOf(shape, head);
}

function isZero(numbers: Numbers, at: number, count: number): boolean {
  for (let i = at; i < at + count; i++) if (numbers[i] !== 0) return false;
  return true;
}

function slackOf(exact: Float64Array, tries: readonly Float64Array[]): Float64Array {
  let most = 0;
  for (const tried of tries) {
    for (const [i, value] of exact.entries()) {
      const off = Math.abs(tried[i] - value);
      // NaN where the row itself is.
      if (off > most) most = off;
    }
  }
  return exact.map((value) => Math.max(most, FLOAT32_EPSILON * Math.abs(value), FLOAT32_TINIEST));
}

/** One head's part of an input, as it lies: `[rows, width]`. */
export function partOf(
  { inputs, shape: room }: GradientProblem,
  specs: TensorSpecs,
  name: string,
  { batch, head }: HeadPlace,
): { readonly rows: number; readonly width: number; readonly data: Numbers } {
  const { shape } = inputs;
  const layout = layoutsOf(room, shape, specs).get(name);
  if (layout === undefined) throw new RangeError(`gradient: there is no input ${name}`);
  const { rows, width } = layout;
  const at = offsetIn(layout, layout.batch === 1 ? 0 : batch, headIn(layout, shape, head), 0);
  return { rows, width, data: tensorNamed(inputs, name).subarray(at, at + rows * width) };
}

/** One head's rows of dout, `[queries, valueDim]`. */
export function doutOf({ inputs }: GradientProblem, { batch, head }: HeadPlace): Numbers {
  const layout = layoutOf(inputs.shape, "output");
  const at = offsetIn(layout, batch, head, 0);
  return inputs.dout.subarray(at, at + layout.rows * layout.width);
}
