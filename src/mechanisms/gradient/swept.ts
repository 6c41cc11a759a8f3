import type { RowPlace } from "../../core/rows.ts";
import { kvHeadOf, type Layout, layoutOf, offsetIn, QKV, type Shape } from "../../core/shape.ts";
import { layoutBy, type TensorSpecs } from "../../core/tensor-spec.ts";
import { type Numbers, tensorNamed } from "../../core/tensors.ts";
import type { Oracle } from "../oracle.ts";
import { disturbedPaths } from "../swept-heads.ts";
import type { GradientProblem } from "./gradient-kind.ts";
import type { Arithmetic } from "./tape/arithmetic.ts";
import { triedRows } from "./tried-rows.ts";

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

/** Which rows of the gradient of an input are asked for, 1 where they are: `[rows]` of one head of it. */
export type WantedRows = (input: string, rows: number) => Uint8Array;

/** What one head adds. Rows that are not wanted may be left out; `wanted` may be ignored. */
type OfHead = (place: HeadPlace, arithmetic: Arithmetic, wanted: WantedRows) => HeadGradients;

/**
 * Weights that are moved in all tries of a row of keys. The numbers of a row have their weights in common: between two keys two tries
 * are as good as none where each moves both scores alike, which is one time in four, however wide the row is.
 */
const COINS = 1024;
const MOST_TRIES = 8;

/**
 * Gradients computed head by head, whole or the wanted rows of them. Those of what heads or batch entries share are summed over them. Heads along
 * which dout is zero add nothing and are not computed.
 */
export function sweptGradients(problem: GradientProblem, specs: TensorSpecs, ofHead: OfHead): Oracle {
  const { shape } = problem.inputs;
  const layouts = layoutsOf(problem.shape, shape, specs);
  const widest = Math.max(1, Math.min(shape.headDim, shape.valueDim));
  const tries = Math.max(disturbedPaths(widest), Math.min(MOST_TRIES, Math.ceil(COINS / shape.length)));
  return {
    rows: (places, round) =>
      triedRows(round, tries, (arithmetic) => sumRows(problem, layouts, places, arithmetic, ofHead)),
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
  ofHead: OfHead,
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
      const made = ofHead({ batch, head }, arithmetic, (name, count) => {
        const wanted = new Uint8Array(count);
        for (const { place, input } of own) if (input === name) wanted[place.row] = 1;
        return wanted;
      });
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

/** One head's part of an input, `[rows, width]`, in float64 whatever it is given in: references read one kind of array. */
export function partOf(
  { inputs, shape: room }: GradientProblem,
  specs: TensorSpecs,
  name: string,
  { batch, head }: HeadPlace,
): { readonly rows: number; readonly width: number; readonly data: Float64Array } {
  const { shape } = inputs;
  const layout = layoutsOf(room, shape, specs).get(name);
  if (layout === undefined) throw new RangeError(`gradient: there is no input ${name}`);
  const { rows, width } = layout;
  const at = offsetIn(layout, layout.batch === 1 ? 0 : batch, headIn(layout, shape, head), 0);
  const own = QKV.find((one) => one === name);
  const whole = own === undefined ? tensorNamed(inputs, name) : inputs[own];
  return { rows, width, data: new Float64Array(whole.subarray(at, at + rows * width)) };
}

/** One head's rows of dout, `[queries, valueDim]`. */
export function doutOf({ inputs }: GradientProblem, { batch, head }: HeadPlace): Numbers {
  const layout = layoutOf(inputs.shape, "output");
  const at = offsetIn(layout, batch, head, 0);
  return inputs.dout.subarray(at, at + layout.rows * layout.width);
}
