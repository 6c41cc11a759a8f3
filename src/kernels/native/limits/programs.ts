import {
  type Assembler,
  at,
  type Gpr,
  type Memory,
  number,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  rax,
  rbx,
  rcx,
  rdi,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { Program } from "../call/program.ts";
import { countDown, forEachItem, functionOf } from "../code/frame.ts";
import { VECTOR } from "../code/transpose.ts";

/** The words of a lane of bursts: the queue that threads share, and what a burst multiplies. */
export const BURST = { queue: 0, rows: 8, panel: 16, bytes: 24 } as const;

/** The words of a reading: where from, and how many vectors. */
export const READING = { from: 0, vectors: 8, bytes: 16 } as const;

/** A tile as the family's kernels have it: keys times vectors of queries, and channels that are summed. */
const BURST_TILE = { keys: 8, vectors: 3, channels: 64 } as const;

/** Products in a burst, some 25 µs. */
const ROUNDS = 100;
const LANES = 16;
const ACCUMULATORS = BURST_TILE.keys * BURST_TILE.vectors;
const ROW = BURST_TILE.channels * 4;
const PANEL_STEP = BURST_TILE.vectors * VECTOR;

export const ROWS_BYTES = BURST_TILE.keys * ROW;
export const PANEL_BYTES = BURST_TILE.channels * PANEL_STEP;

/** Operations of one burst, of either kind. */
export const BURST_FLOPS = ROUNDS * ACCUMULATORS * LANES * 2 * BURST_TILE.channels;

/** What the processor's registers and its nearest cache reach, and how fast memory is read. */
const limits = new Program("limits", (a) => {
  functionOf(a, "registers", () => bursts(a, () => multiplyRegisters(a)));
  functionOf(a, "tile", () => bursts(a, () => multiplyTile(a)));
  functionOf(a, "read", () => read(a));
});

export const LIMIT_PROGRAMS = [limits];

/** Takes bursts from the queue while there are any. `products` multiplies as many times as a tile has channels. */
function bursts(a: Assembler, products: () => void): void {
  a.mov(rbx, rdi);
  a.mov(r13, at(rbx, BURST.queue));
  forEachItem(
    a,
    () => r13,
    () => {
      a.movImmediate(r14, ROUNDS);
      countDown(a, r14, 1, () => {
        for (let sum = 0; sum < ACCUMULATORS; sum++) a.vpxord(zmm(sum), zmm(sum), zmm(sum));
        products();
      });
    },
  );
}

const [FIRST_VECTOR, BROADCAST, OTHER_BROADCAST] = [ACCUMULATORS, ACCUMULATORS + 3, ACCUMULATORS + 4].map(
  zmm,
) as [Zmm, Zmm, Zmm];
const UNROLLED = 4;

/** Chains enough that each may wait for its last sum, and nothing from memory. */
function multiplyRegisters(a: Assembler): void {
  for (const factor of [FIRST_VECTOR, BROADCAST]) a.vpxord(factor, factor, factor);
  a.movImmediate(rcx, BURST_TILE.channels);
  countDown(a, rcx, UNROLLED, () => {
    for (let step = 0; step < UNROLLED; step++) {
      for (let sum = 0; sum < ACCUMULATORS; sum++) a.vfmadd231ps(zmm(sum), FIRST_VECTOR, BROADCAST);
    }
  });
}

/** sum[key][row] = Σ rows[key][c] · panel[c][row]: a key's number times all rows of queries, channel by channel. */
function multiplyTile(a: Assembler): void {
  a.mov(rax, at(rbx, BURST.panel));
  a.mov(r8, at(rbx, BURST.rows));
  a.lea(r9, at(r8, 4 * ROW));
  a.movImmediate(r10, ROW);
  a.imulImmediate(r11, r10, 3);
  a.movImmediate(rcx, BURST_TILE.channels);
  countDown(a, rcx, UNROLLED, () => {
    for (let step = 0; step < UNROLLED; step++) {
      const vectors = Array.from({ length: BURST_TILE.vectors }, (_, index) => zmm(ACCUMULATORS + index));
      for (const [index, vector] of vectors.entries()) {
        a.vmovups(vector, at(rax, step * PANEL_STEP + index * VECTOR));
      }
      for (let key = 0; key < BURST_TILE.keys; key++) {
        const factor = key % 2 === 0 ? BROADCAST : OTHER_BROADCAST;
        a.vbroadcastss(factor, keyAt(key < 4 ? r8 : r9, key % 4, 4 * step));
        for (const [index, vector] of vectors.entries()) {
          a.vfmadd231ps(zmm(key * vectors.length + index), vector, factor);
        }
      }
    }
    a.add(rax, number(UNROLLED * PANEL_STEP));
    a.add(r8, number(4 * UNROLLED));
    a.add(r9, number(4 * UNROLLED));
  });
}

/** A number of one of four rows that begin at `base`, r10 and r11 being one row and three. */
function keyAt(base: Gpr, key: number, displacement: number): Memory {
  if (key === 0) return at(base, displacement);
  return key === 3 ? at(base, displacement, r11) : at(base, displacement, r10, key === 1 ? 1 : 2);
}

/** Adds vectors up in eight sums, two loads a cycle. */
function read(a: Assembler): void {
  const sums = 8;
  a.mov(r12, at(rdi, READING.from));
  a.mov(rcx, at(rdi, READING.vectors));
  for (let sum = 0; sum < sums; sum++) a.vpxord(zmm(sum), zmm(sum), zmm(sum));
  for (const step of [sums, 1]) {
    countDown(a, rcx, step, () => {
      for (let sum = 0; sum < step; sum++) a.vaddps(zmm(sum), zmm(sum), at(r12, sum * VECTOR));
      a.add(r12, number(step * VECTOR));
    });
  }
}
