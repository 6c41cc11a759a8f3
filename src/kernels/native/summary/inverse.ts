import type { PseudoInverse } from "../../../mechanisms/summary/declare.ts";
import { multiply, type PlannedProduct } from "../products/operations.ts";
import type { ChainMatrix } from "./matrices.ts";
import { type ChainPart, cutRows } from "./part.ts";
import type { Planning } from "./planning.ts";

/** Rows of an item. */
const ROWS = 24;

/**
 * Steps towards the pseudo-inverse: with P = A·Z, Z ← ¼ Z (13 I − P (15 I − P (7 I − P))). The products are machine code;
 * what lies between, which is little, is done here.
 */
export function planInverse({ matrices, means }: Planning, step: PseudoInverse): ChainPart {
  const [a, z] = [matrices.named(step.of), matrices.named(step.to)];
  const { rows } = a;
  const copies = matrices.copies(z.perHead);
  const [p, one, other] = Array.from({ length: 3 }, () => matrices.own(rows, rows, z.perHead));
  const next = matrices.own(rows, rows, z.perHead);
  const queueOf = (left: ChainMatrix, right: ChainMatrix, to: ChainMatrix, form: Partial<PlannedProduct>) =>
    multiply(
      copies
        .flatMap(({ entry, head }) => {
          const [first, second, made] = [left, right, to].map((matrix) => matrix.of(entry, head));
          const sizes = { rows, columns: rows, inner: rows };
          return cutRows({ a: first, b: second, c: made, ...sizes, ...form }, ROWS);
        })
        .map((product) => [product]),
      means,
    );
  const queues = [
    { queue: queueOf(a, z, p, {}), before: () => {}, after: () => subtract(7, p, one) },
    { queue: queueOf(p, one, other, { add: true, scale: -1 }), before: () => unit(15, other) },
    { queue: queueOf(p, other, one, { add: true, scale: -1 }), before: () => unit(13, one) },
    { queue: queueOf(z, one, next, { scale: 0.25 }), before: () => {}, after: () => z.array.set(next.array) },
  ];
  const eachHead = (body: (from: number) => void): void => {
    for (const { entry, head } of copies) body(z.of(entry, head).from);
  };
  const unit = (factor: number, to: ChainMatrix): void => {
    to.array.fill(0);
    eachHead((from) => {
      for (let row = 0; row < rows; row++) to.array[from + row * (rows + 1)] = factor;
    });
  };
  const subtract = (factor: number, of: ChainMatrix, to: ChainMatrix): void => {
    for (let at = 0; at < of.array.length; at++) to.array[at] = -of.array[at];
    eachHead((from) => {
      for (let at = from; at < from + rows * rows; at += rows + 1) to.array[at] += factor;
    });
  };
  return {
    run() {
      for (const { entry, head } of copies) begin(a, z, a.of(entry, head).from, z.of(entry, head).from);
      for (let iteration = 0; iteration < step.iterations; iteration++) {
        for (const { queue, before, after } of queues) {
          before();
          queue.run();
          after?.();
        }
      }
    },
    flops: 4 * step.iterations * copies.length * 2 * rows ** 3,
    bytes: 0,
    workspaceBytes: queues.reduce((sum, { queue }) => sum + queue.bytes, 0),
    close() {
      for (const { queue } of queues) queue.close();
    },
  };
}

/** Z₀ = Aᵀ / (‖A‖₁ ‖A‖∞). */
function begin(a: ChainMatrix, z: ChainMatrix, from: number, to: number): void {
  const { rows } = a;
  const columns = new Float64Array(rows);
  let mostInRow = 0;
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let column = 0; column < rows; column++) {
      const size = Math.abs(a.array[from + row * rows + column]);
      sum += size;
      columns[column] += size;
    }
    mostInRow = Math.max(mostInRow, sum);
  }
  const factor = 1 / (mostInRow * columns.reduce((most, sum) => Math.max(most, sum), 0));
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < rows; column++) {
      z.array[to + row * rows + column] = a.array[from + column * rows + row] * factor;
    }
  }
}
