import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { Turn } from "../../../pairwise/turn.ts";
import { type Assembler, at, r11, rax, rbp, rdi } from "../assembler/index.ts";
import type { MemoryPlan } from "../call/memory.ts";
import { Program } from "../call/program.ts";
import { writeWords } from "../call/write-words.ts";
import { forEachItem, functionOf, QUEUE } from "../code/frame.ts";
import { type Crew, openCrew } from "../threads/crew.ts";
import { callTurn, TURN, TURN_BYTES, writeTurn } from "./turn.ts";
import { type Direction, planTurnTable, writeTurnedWidth } from "./turn-table.ts";

/** Rows of an item. */
const ITEM_ROWS = 512;

const WORD = 8;
/** Behind the words of the queue: where its items are. */
const ITEMS = 16;
const QUEUE_BYTES = 24;

/** Turns the rows of all items of a queue, each a block of `TURN`: `turn_rows(queue)`. */
export const TURN_ROWS = new Program("turn-rows", (a: Assembler) => {
  functionOf(a, "turn_rows", () => {
    a.mov(rbp, rdi);
    forEachItem(
      a,
      () => rbp,
      () => {
        a.imulImmediate(r11, rax, TURN_BYTES);
        a.add(r11, at(rbp, ITEMS));
        callTurn(a, r11);
      },
    );
  });
  writeTurn(a);
});

/** Copies of q and k whose rows are turned by their positions, made anew by each call. */
export interface TurnedRows {
  readonly q: bigint;
  readonly k: bigint;
  /** Takes in where q and k are now. */
  point(q: bigint, k: bigint): void;
  run(): void;
  close(): void;
}

/** Rows of one head of q or k, and their first token. */
interface Part {
  readonly of: "q" | "k";
  readonly first: number;
  readonly rows: number;
  readonly token: number;
}

/** Makes room for them. Returns what makes them once there is memory. */
export function planTurnedRows(problem: Problem, turn: Turn, plan: MemoryPlan): () => TurnedRows {
  const { batch, heads, kvHeads, length, queries, headDim } = problem.shape;
  const rowBytes = headDim * FLOAT_BYTES;
  const copies = {
    q: plan.reserve(batch * heads * queries * rowBytes),
    k: plan.reserve(batch * kvHeads * length * rowBytes),
  };
  const planned = planTurning(problem, turn, plan, "forth");
  return () => {
    const turning = planned();
    const to = { q: copies.q().address, k: copies.k().address };
    return { ...to, ...turning, point: (q, k) => turning.point({ q, k }, to) };
  };
}

/** Rows that are turned by their positions, the same ones in every call. */
export interface Turning {
  /** Takes in where the rows of q and k are, and where they are to be. */
  point(from: QueriesAndKeys, to: QueriesAndKeys): void;
  run(): void;
  close(): void;
}

interface QueriesAndKeys {
  readonly q: bigint;
  readonly k: bigint;
}

/** Makes room for the angles of all rows of q and k, and for the items that turn them. */
export function planTurning(
  { shape, threads }: Problem,
  turn: Turn,
  plan: MemoryPlan,
  direction: Direction,
): () => Turning {
  const { batch, heads, kvHeads, length, queries, headDim } = shape;
  const rowBytes = headDim * FLOAT_BYTES;
  const parts = [
    ...partsOf("q", batch * heads, queries, length - queries),
    ...partsOf("k", batch * kvHeads, length, 0),
  ];
  const queueAt = plan.reserve(QUEUE_BYTES);
  const itemsAt = plan.reserve(parts.length * TURN_BYTES);
  const tokens = { from: Math.min(0, length - queries), to: length };
  const table = planTurnTable(turn, headDim, tokens, plan, direction);
  return () => {
    const { anglesOf } = table();
    const [queue, items] = [queueAt(), itemsAt()];
    const set = (part: number, word: number, value: bigint): void => {
      writeWords(items, [[word, value]], part * TURN_BYTES);
    };
    for (const [index, { rows, token }] of parts.entries()) {
      writeTurnedWidth(items, turn, headDim, index * TURN_BYTES);
      set(index, TURN.angles, anglesOf(token));
      set(index, TURN.rows, BigInt(rows));
      for (const step of [TURN.fromStep, TURN.toStep, TURN.angleStep]) set(index, step, BigInt(rowBytes));
    }
    queue.words[ITEMS / WORD] = items.address;
    const crew: Crew = openCrew(TURN_ROWS, "turn_rows", threads);
    const lanes = Array.from({ length: threads }, () => queue.address);
    return {
      point(from, to) {
        for (const [index, { of, first }] of parts.entries()) {
          set(index, TURN.from, from[of] + BigInt(first * rowBytes));
          set(index, TURN.to, to[of] + BigInt(first * rowBytes));
        }
      },
      run() {
        queue.words[QUEUE.next / WORD] = 0n;
        queue.words[QUEUE.end / WORD] = BigInt(parts.length);
        crew.run(lanes);
      },
      close: () => crew.close(),
    };
  };
}

function partsOf(of: "q" | "k", heads: number, rows: number, firstToken: number): Part[] {
  return Array.from({ length: heads }, (_, head) =>
    Array.from({ length: Math.ceil(rows / ITEM_ROWS) }, (_, item) => {
      const row = item * ITEM_ROWS;
      return { of, first: head * rows + row, rows: Math.min(ITEM_ROWS, rows - row), token: firstToken + row };
    }),
  ).flat();
}
