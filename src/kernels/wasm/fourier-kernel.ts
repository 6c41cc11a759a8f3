import type { Problem } from "../../core/problem.ts";
import { callBytes, elementCount, FLOAT_BYTES } from "../../core/shape.ts";
import type { Runnable } from "../kernel.ts";
import { Call, ScratchPlan } from "./call.ts";
import { chirpOf } from "./chirp.ts";
import { type FourierPlan, type Level, levelFlops, levelsOf, planFourier, twistsOf } from "./fourier-plan.ts";
import { FOURIER, FOURIER_ITEM, LEVEL, PANEL_QUERIES, QUERY_ROW, TILE } from "./layout.ts";
import type { Means } from "./means.ts";
import { phaseRunner } from "./run-phases.ts";

/** Complex numbers of a block, whose real parts and imaginary parts are vectors of their own. */
const BLOCK = 8;
/** Bytes between rows of the matrix of numbers, more than they take: rows apart would share sets of the cache. */
const APART = 320;
/** Rows of the output, and columns and rows of the matrix, that are an item, about. */
const ITEM_ROWS = 512;

/** The real part of a Fourier transform, over channels as a product and over tokens in levels. */
export function prepareFourier(problem: Problem, means: Means): Runnable {
  const { shape, inputs, threads } = problem;
  const { build } = means;
  const { batch, heads, length, valueDim: d } = shape;
  const numbers = Math.ceil(Math.ceil(d / 2) / BLOCK) * BLOCK;
  const rowBytes = 2 * numbers * FLOAT_BYTES;
  const transform = planFourier(length, rowBytes);
  const { size, parts, across, group, isConvolution } = transform;
  const workStep = across * rowBytes + APART;
  const levels = [levelsOf(parts), levelsOf(across)] as const;
  const chirp = isConvolution ? chirpOf(length, transform) : null;

  const plan = new ScratchPlan();
  const items = itemsOf(transform, length);
  const itemsAt = plan.words(items.words.length);
  const tables = [
    matrixOf(d, numbers, build.panelKeys),
    twistsOf(transform),
    chirp?.chirp ?? new Float32Array(0),
    chirp?.spectrum ?? new Float32Array(0),
  ].map((values) => ({ values, at: plan.words(values.length) }));
  const [matrix, twists, chirpAt, spectrum] = tables;
  const planned = levels.map((some) => planLevels(some, plan));
  const wordsAt = plan.words(Object.keys(FOURIER).length + planned[0].words + planned[1].words);
  const work = plan.words((parts * workStep) / FLOAT_BYTES);
  const rows = Math.max(parts * group, across) + PANEL_QUERIES;
  const lanes = Array.from({ length: threads }, () => ({
    queries: plan.words((TILE.queries * QUERY_ROW) / FLOAT_BYTES),
    rows: plan.words((rows * rowBytes) / FLOAT_BYTES),
    otherRows: plan.words((rows * rowBytes) / FLOAT_BYTES),
    spare: plan.words((rows * rowBytes) / FLOAT_BYTES),
  }));
  const call = new Call(plan, inputs, means.output, lanes);
  call.copy(itemsAt, items.words);
  for (const { values, at } of tables) call.arena.floats(call.place(at), values.length).set(values);
  const first = Object.keys(FOURIER).length;
  const second = first + planned[0].words;
  const place = ({ at, values }: (typeof tables)[number]) => (values.length > 0 ? call.place(at) : 0);
  const words: Record<keyof typeof FOURIER, number> = {
    size,
    parts,
    group,
    rowBytes,
    matrix: place(matrix),
    work: call.place(work),
    workStep,
    twists: place(twists),
    chirp: place(chirpAt),
    spectrum: place(spectrum),
    first: first * FLOAT_BYTES,
    second: second * FLOAT_BYTES,
  };
  const named = call.arena.integers(call.place(wordsAt), second + planned[1].words);
  for (const [name, value] of Object.entries(words)) named[FOURIER[name as keyof typeof FOURIER]] = value;
  planned[0].write(call, named, first);
  planned[1].write(call, named, second);
  call.set({ length, valueDim: d, fourier: call.place(wordsAt) });

  const runner = phaseRunner(call, build, "runFourierItems", means.pool);
  const phases = call.phases(itemsAt, items.phaseEnds);
  return {
    run() {
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) {
          call.pointAt(entry, head);
          runner.run(phases);
        }
      }
    },
    ...call.copied,
    output: () => call.output,
    workspaceBytes: call.workspaceBytes,
    executedFlops: Math.ceil(batch * heads * headFlops(transform, levels, numbers, d)),
    bytes: callBytes(shape) - FLOAT_BYTES * (elementCount(shape, "q") + elementCount(shape, "k")),
    dispose: () => runner.dispose(),
  };
}

/**
 * What v is multiplied by over channels, in panels: number s is that of frequency `⌈d/2⌉ - s`, the conjugate of its
 * transform; number 0 is that of frequency 0, and has that of d/2 in its imaginary part, if d is even, since both
 * are real.
 */
function matrixOf(d: number, numbers: number, panelKeys: number): Float32Array {
  const values = new Float32Array(2 * numbers * d);
  const put = (column: number, j: number, value: number): void => {
    const panel = Math.floor(column / panelKeys);
    values[(panel * d + j) * panelKeys + (column % panelKeys)] = value;
  };
  for (let s = 0; s < Math.ceil(d / 2); s++) {
    const real = 2 * BLOCK * Math.floor(s / BLOCK) + (s % BLOCK);
    for (let j = 0; j < d; j++) {
      const angle = (2 * Math.PI * ((j * (Math.ceil(d / 2) - s)) % d)) / d;
      const isFirst = s === 0;
      put(real, j, isFirst ? 1 : Math.cos(angle));
      put(real + BLOCK, j, !isFirst ? Math.sin(angle) : d % 2 === 0 ? 1 - 2 * (j % 2) : 0);
    }
  }
  return values;
}

/** Plans the words and tables of the levels of a transform. */
function planLevels(levels: readonly Level[], plan: ScratchPlan) {
  const places = levels.map(({ twiddles, roots }) => ({
    twiddles: plan.words(twiddles.length),
    roots: plan.words(roots.length),
  }));
  const size = Object.keys(LEVEL).length;
  return {
    words: 1 + levels.length * size,
    write(call: Call, words: Int32Array, from: number): void {
      words[from] = levels.length;
      for (const [index, { factor, parts, twiddles, roots }] of levels.entries()) {
        const at = from + 1 + index * size;
        words[at + LEVEL.factor] = factor;
        words[at + LEVEL.parts] = parts;
        words[at + LEVEL.twiddles] = call.place(places[index].twiddles);
        words[at + LEVEL.roots] = call.place(places[index].roots);
        call.arena.floats(call.place(places[index].twiddles), twiddles.length).set(twiddles);
        call.arena.floats(call.place(places[index].roots), roots.length).set(roots);
      }
    },
  };
}

/** Items of a head in phases, as `assembly/fourier.ts` runs them. */
function itemsOf(
  { parts, across, group, isConvolution }: FourierPlan,
  length: number,
): { words: Int32Array; phaseEnds: number[] } {
  const words: number[] = [];
  const phaseEnds: number[] = [];
  const phase = (kind: number, end: number, step: number): void => {
    for (let from = 0; from < end; from += step) words.push(kind, from, Math.min(end, from + step));
    phaseEnds.push(words.length);
  };
  const columns = group * Math.max(1, Math.floor(ITEM_ROWS / (group * parts)));
  const rows = Math.max(1, Math.floor(ITEM_ROWS / across));
  phase(FOURIER_ITEM.columns, across, columns);
  if (isConvolution) {
    phase(FOURIER_ITEM.convolve, parts, rows);
    phase(FOURIER_ITEM.back, across, columns);
    phase(FOURIER_ITEM.write, length, ITEM_ROWS);
    // A row and the one that belongs to it are one: those up to the middle.
  } else phase(FOURIER_ITEM.pairs, Math.floor(parts / 2) + 1, rows);
  return { words: Int32Array.from(words), phaseEnds };
}

/** Operations of one head: over channels, of the levels, and the turns between. */
function headFlops(
  { size, isConvolution }: FourierPlan,
  levels: readonly [readonly Level[], readonly Level[]],
  numbers: number,
  d: number,
): number {
  const once = levelFlops(levels[0]) + levelFlops(levels[1]) + 6;
  const over = isConvolution ? 2 * once + 12 : once;
  return size * numbers * (4 * d + over);
}
