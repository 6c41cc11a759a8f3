import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileSchedule } from "../../../src/kernels/compile-schedule.ts";
import { openFfi } from "../../../src/kernels/native/call/ffi.ts";
import { MemoryPlan } from "../../../src/kernels/native/call/memory.ts";
import { itemsOf } from "../../../src/kernels/native/pairwise/items.ts";
import { TASK, TASK_BYTES } from "../../../src/kernels/native/pairwise/layout.ts";
import { planSchedule } from "../../../src/kernels/native/pairwise/schedule-words.ts";
import { FULL, type Schedule, TASK_WORDS } from "../../../src/kernels/schedule.ts";
import { maskOf } from "../../../src/kernels/walk-schedule.ts";
import { algebraWithDraws } from "../../pattern/arbitrary-patterns.ts";

const SIZES = { queries: 48, keys: 128, rows: 16 } as const;

/** Schedules of any pattern, and how many tokens they have. */
const schedules = fc.tuple(algebraWithDraws, fc.integer({ min: 1, max: 150 })).map(([pattern, length]) => {
  const schedule = compileSchedule(pattern.bind({ length, head: 0 }), SIZES);
  return { schedule, length };
});

/** The same schedule with a word that is another. */
function changed(schedule: Schedule, of: "tasks" | "tokens", word: number, value: number): Schedule {
  const words = schedule[of].slice();
  words[word] = value;
  return { ...schedule, [of]: words };
}

describe("a schedule for machine code", () => {
  it("is refused if any task has rows or keys that are no tokens", () => {
    fc.assert(
      fc.property(
        schedules,
        fc.nat(),
        fc.constantFrom(0, 2, 3, 5),
        fc.oneof(fc.integer({ min: -(2 ** 31), max: -1 }), fc.integer({ min: 1, max: 2 ** 30 })),
        ({ schedule, length }, place, field, by) => {
          const task = (place % (schedule.tasks.length / TASK_WORDS)) * TASK_WORDS;
          const now = schedule.tasks[task + field];
          const beyond = by < 0 ? by : now + length + by;
          const opens = field >= 3 || task === 0;
          if (!opens || (field === 3 && schedule.tasks[task + 5] === 0 && beyond >= 0)) return;
          const plan = new MemoryPlan();
          const wrong = changed(schedule, "tasks", task + field, beyond);
          expect(() => planSchedule(wrong, { queries: length, keys: length }, plan)).toThrow(RangeError);
        },
      ),
    );
  });

  it("is refused if a list has a token that is none", () => {
    fc.assert(
      fc.property(schedules, fc.nat(), fc.constantFrom(-1, 0, 1000), ({ schedule, length }, place, by) => {
        const lists = listsOf(schedule);
        if (lists.length === 0) return;
        const { list, count } = lists[place % lists.length];
        const token = by < 0 ? by : length + by;
        const wrong = changed(schedule, "tokens", list + (place % count), token);
        const plan = new MemoryPlan();
        expect(() => planSchedule(wrong, { queries: length, keys: length }, plan)).toThrow(RangeError);
      }),
    );
  });

  it("has the bit of each row in the word of each key", () => {
    const ffi = openFfi();
    if (typeof ffi === "string") return;
    fc.assert(
      fc.property(schedules, ({ schedule, length }) => {
        const plan = new MemoryPlan();
        const place = planSchedule(schedule, { queries: length, keys: length }, plan);
        plan.make(ffi);
        const { taskAt } = place();
        for (let task = 0; task < schedule.tasks.length; task += TASK_WORDS) {
          const mask = maskOf(schedule.masks, schedule.tasks, task);
          const at = readWords(ffi, taskAt(task), TASK_BYTES / 8)[TASK.mask / 8];
          expect(at === 0n).toBe(schedule.tasks[task + 6] === FULL);
          if (mask === null) continue;
          const words = readWords(ffi, at, schedule.tasks[task + 5]);
          for (const [key, word] of words.entries()) {
            for (let row = 0; row < schedule.tasks[task + 2]; row++) {
              expect(((word >> BigInt(row)) & 1n) === 1n).toBe(mask.attends(row, key));
            }
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it("is cut into items that have every row of every pass once, 48 at most", () => {
    fc.assert(
      fc.property(schedules, ({ schedule }) => {
        for (const items of itemsOf(schedule)) {
          const rows = items.flatMap(({ list, first, rows: count, vectors }) => {
            expect(count).toBeGreaterThan(16 * (vectors - 1));
            expect(count).toBeLessThanOrEqual(16 * vectors);
            expect(vectors).toBeLessThanOrEqual(3);
            return Array.from({ length: count }, (_, row) =>
              list < 0 ? first + row : schedule.tokens[list + first + row],
            );
          });
          expect(new Set(rows).size).toBe(rows.length);
        }
      }),
    );
  });
});

/** Lists of tokens that tasks use. */
function listsOf({ tasks, tokens }: Schedule): { list: number; count: number }[] {
  const lists = new Set<number>();
  for (let task = 0; task < tasks.length; task += TASK_WORDS) {
    if (tasks[task + 1] > 0 && tasks[task + 2] > 0) lists.add(tasks[task + 1]);
    if (tasks[task + 4] > 0 && tasks[task + 5] > 0) lists.add(tasks[task + 4]);
  }
  return [...lists].map((list) => ({ list, count: tokens[list - 1] }));
}

/** 64-bit words at an address. */
function readWords(
  ffi: Exclude<ReturnType<typeof openFfi>, string>,
  address: bigint,
  count: number,
): BigUint64Array {
  const bytes = ffi.toBuffer(address, count * 8, true);
  return new BigUint64Array(bytes.buffer, bytes.byteOffset, count);
}
