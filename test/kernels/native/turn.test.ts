import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rdi } from "../../../src/kernels/native/assembler/index.ts";
import { MemoryPlan } from "../../../src/kernels/native/call/memory.ts";
import { ffiOrThrow, Program } from "../../../src/kernels/native/call/program.ts";
import { functionOf } from "../../../src/kernels/native/code/frame.ts";
import { createNative } from "../../../src/kernels/native/index.ts";
import { callTurn, TURN, TURN_BYTES, writeTurn } from "../../../src/kernels/native/pairwise/turn.ts";
import { planTurnTable, writeTurnedWidth } from "../../../src/kernels/native/pairwise/turn-table.ts";
import { channelsOf, TURN_LAYOUTS, type Turn, turnPerToken } from "../../../src/pairwise/turn.ts";
import { examples } from "../../examples.ts";

const whyNot = createNative().unavailable?.() ?? null;

const program = new Program("turn-test", (a) => {
  writeTurn(a);
  functionOf(a, "rows", () => callTurn(a, rdi));
});

const CANARY = Math.fround(12345.678);

/** Rows to turn: those of tokens `first, first + step, …`. */
interface Rows {
  readonly turn: Turn;
  readonly headDim: number;
  readonly count: number;
  /** Floats between rows that are nobody's. */
  readonly gap: number;
  readonly first: number;
  readonly step: number;
  readonly inPlace: boolean;
}

const anyRows: fc.Arbitrary<Rows> = fc.record({
  turn: fc.record({ layout: fc.constantFrom(...TURN_LAYOUTS), base: fc.constantFrom(1, 100, 10_000) }),
  headDim: fc.integer({ min: 1, max: 128 }).map((pairs) => 2 * pairs),
  count: fc.integer({ min: 0, max: 9 }),
  gap: fc.integer({ min: 0, max: 20 }),
  first: fc.integer({ min: -1000, max: 100_000 }),
  step: fc.integer({ min: 0, max: 3 }),
  inPlace: fc.boolean(),
});

/** Turns rows of these numbers, which lie with their gaps behind one another. Gaps begin and end them. */
function turned(rows: Rows, numbers: Float32Array): { from: Float32Array; to: Float32Array } {
  const { turn, headDim, count, gap, first, step, inPlace } = rows;
  const plan = new MemoryPlan();
  const block = plan.reserve(TURN_BYTES);
  const [from, to] = [plan.reserve(numbers.byteLength), plan.reserve(numbers.byteLength)];
  const table = planTurnTable(turn, headDim, { from: first, to: first + step * count + 1 }, plan);
  plan.make(ffiOrThrow());
  from().floats.set(numbers);
  to().floats.fill(CANARY);
  const angles = table();
  const { words, address } = block();
  const target = inPlace ? from() : to();
  writeTurnedWidth(block(), turn, headDim);
  const set = (word: number, value: bigint | number): void => {
    words[word / 8] = BigInt(value);
  };
  set(TURN.from, from().address + BigInt(4 * gap));
  set(TURN.to, target.address + BigInt(4 * gap));
  set(TURN.angles, angles.anglesOf(first));
  set(TURN.rows, count);
  set(TURN.fromStep, 4 * (headDim + gap));
  set(TURN.toStep, 4 * (headDim + gap));
  set(TURN.angleStep, step * angles.rowBytes);
  program.entry("rows")(address);
  return { from: from().floats, to: target.floats };
}

function numbersOf({ headDim, count, gap }: Rows): Float32Array {
  const numbers = new Float32Array(gap + count * (headDim + gap)).fill(CANARY);
  for (let row = 0; row < count; row++) {
    for (let channel = 0; channel < headDim; channel++) {
      numbers[gap + row * (headDim + gap) + channel] = Math.sin(1 + row * headDim + channel);
    }
  }
  return numbers;
}

describe.skipIf(whyNot !== null)(`rows turned by machine code${whyNot === null ? "" : `: ${whyNot}`}`, () => {
  it("turns every pair of every row by the angle of its token, and writes nothing else", () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const { turn, headDim, count, gap, first, step } = rows;
        const numbers = numbersOf(rows);
        const expected = new Float64Array(numbers);
        for (let row = 0; row < count; row++) {
          for (let pair = 0; pair < headDim / 2; pair++) {
            const start = gap + row * (headDim + gap);
            const [one, other] = channelsOf(turn, pair, headDim).map((channel) => start + channel);
            const angle = (first + row * step) * turnPerToken(turn, pair, headDim);
            const [x, y] = [numbers[one], numbers[other]];
            expected[one] = x * Math.cos(angle) - y * Math.sin(angle);
            expected[other] = x * Math.sin(angle) + y * Math.cos(angle);
          }
        }
        const { to } = turned(rows, numbers);
        // Two angles, a product and a sum are rounded, each of numbers of at most 2.
        const wrong = expected.findIndex((value, at) => !(Math.abs(value - to[at]) <= 4 * 2 ** -24));
        expect(wrong < 0 ? null : `at ${wrong}: ${to[wrong]} instead of ${expected[wrong]}`).toBeNull();
      }),
      examples(),
    );
  });

  it("leaves rows that it copies as they are", () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const numbers = numbersOf(rows);
        const { from } = turned({ ...rows, inPlace: false }, numbers);
        expect(from.subarray(0, numbers.length)).toEqual(numbers);
      }),
      examples(),
    );
  });

  it("knows the angles of no token beyond those that it was planned for", () => {
    const plan = new MemoryPlan();
    const table = planTurnTable({ layout: "half", base: 100 }, 8, { from: -3, to: 5 }, plan);
    plan.make(ffiOrThrow());
    expect(table().anglesOf(4) - table().anglesOf(-3)).toBe(BigInt(7 * 8 * 4));
    for (const token of [-4, 5, 0.5, Number.NaN])
      expect(() => table().anglesOf(token)).toThrow(/-3 to 4, got/);
  });

  it("turns no row of an odd width", () => {
    const plan = new MemoryPlan();
    const block = plan.reserve(TURN_BYTES);
    plan.make(ffiOrThrow());
    expect(() => writeTurnedWidth(block(), { layout: "half", base: 100 }, 7)).toThrow(
      /pairs of channels, got 7/,
    );
  });
});
