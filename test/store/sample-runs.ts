import * as fc from "fast-check";
import { refusalIn, runUnderWay } from "../../src/record/run-under-way.ts";
import { CASE_FIELDS } from "../../src/record/schema/identity.ts";
import { studyLine, trainedLine } from "../../src/record/schema/learning-lines.ts";
import {
  type CaseLine,
  caseLine,
  type FileLine,
  type PlannedCase,
  plannedCase,
  type RoundLine,
  type RunLine,
  roundLine,
  runLine,
} from "../../src/record/schema/result-lines.ts";
import { ofSchema } from "./of-schema.ts";

/** The lines of a run of any kind, in any order that a file may have, with all that the schema allows in each. */
export const anyRun: fc.Arbitrary<readonly FileLine[]> = fc
  .record({
    head: ofSchema(runLine) as fc.Arbitrary<RunLine>,
    planned: fc.uniqueArray(anyPlanned(), { selector: (one) => one.case, maxLength: 4 }),
    rounds: fc.integer({ min: 1, max: 3 }),
    told: fc.infiniteStream(
      fc.record({
        line: ofSchema(caseLine) as fc.Arbitrary<CaseLine>,
        again: fc.boolean(),
        isReached: fc.boolean(),
        rounds: fc.uniqueArray(ofSchema(roundLine) as fc.Arbitrary<RoundLine>, {
          selector: (one) => one.round % 3,
          maxLength: 3,
        }),
      }),
    ),
    learned: fc.option(anyLearned(), { freq: 2 }),
  })
  .map(({ head, planned, rounds, told, learned }) => {
    const run: RunLine = { ...head, plan: { ...head.plan, rounds, cases: planned } };
    const lines: FileLine[] = [run];
    for (const one of planned) {
      const { line, again, isReached, rounds: of } = told.next().value;
      if (!isReached) continue;
      const itself = caseOf(one, line);
      lines.push(itself);
      for (const round of of.filter((each: RoundLine) => each.round % 3 < rounds)) {
        lines.push({ ...round, case: one.case, round: round.round % 3 });
      }
      if (again) lines.push({ ...itself, outcome: "failed", reason: "it was wrong later" });
    }
    return [...lines, ...(learned ?? [])];
  });

/** A case as it was planned, and else as the line has it. */
function caseOf(planned: PlannedCase, line: CaseLine): CaseLine {
  const identity = Object.fromEntries(CASE_FIELDS.map((field) => [field, planned[field]]));
  return { ...line, ...identity, alignment: planned.alignment };
}

function anyPlanned(): fc.Arbitrary<PlannedCase> {
  const small = fc.constantFrom(1, 2, 4, 8);
  const sizes = fc.record({ length: small, batch: small, heads: small, head_dim: small });
  return fc
    .tuple(ofSchema(plannedCase) as fc.Arbitrary<PlannedCase>, sizes, small, fc.boolean())
    .map(([one, size, other, isUsual]): PlannedCase => {
      const { kv_heads, queries, value_dim, alignment, model_dim, positions, ...rest } = { ...one, ...size };
      if (isUsual) return rest;
      return {
        ...rest,
        ...(kv_heads !== undefined && { kv_heads: Math.min(size.heads, other) }),
        ...(queries !== undefined && { queries: Math.min(size.length, other) }),
        ...(value_dim !== undefined && { value_dim: other }),
        ...(model_dim !== undefined && { model_dim: size.heads * size.head_dim }),
        ...(positions !== undefined && { positions }),
        ...(alignment !== undefined && { alignment }),
      };
    })
    .filter((one) => isPossible(one));
}

function isPossible(one: PlannedCase): boolean {
  const run = { plan: { rounds: 1, cases: [one] } } as unknown as RunLine;
  try {
    runUnderWay(refusalIn("any"), run, 1);
    return true;
  } catch {
    return false;
  }
}

function anyLearned(): fc.Arbitrary<readonly FileLine[]> {
  return fc
    .tuple(ofSchema(studyLine), fc.array(ofSchema(trainedLine), { maxLength: 3 }), fc.boolean())
    .map(([drawn, runs]) => {
      const study = studyLine.parse(drawn);
      const tasks = study.tasks.map((task, index) => ({ ...task, task: `${task.task} ${index}` }));
      const cells = study.cells.map((cell, index) => ({
        ...cell,
        cell: `${cell.cell} ${index}`,
        task: tasks[index % tasks.length].task,
        unsupported: index === 0 ? null : cell.unsupported,
      }));
      const whole = { ...study, tasks, cells, choosing_seeds: [1, 2], test_seeds: [2 ** 53 - 1, 3, 4] };
      const trained = runs.map((one, index) => {
        const line = trainedLine.parse(one);
        return { ...line, cell: cells[0].cell, role: "test" as const, seed: whole.test_seeds[index] };
      });
      return [whole, ...trained];
    });
}
