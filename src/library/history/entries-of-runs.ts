import { isSamePlace, joinPlaces, placeOf } from "../../compare/place.ts";
import { printable } from "../../core/errors.ts";
import { cellName } from "../../history/cell-name.ts";
import { summarize } from "../../record/case-row.ts";
import type { ReadResults } from "../../record/read.ts";
import { median } from "../../stats/median.ts";
import { runsAt } from "../runs-at.ts";
import { cellOfTimes, type MeasuredEntry, measuredAt, refuseUnfitCells } from "./measured-entry.ts";

/** Runs that make one entry together, and the medians of the rounds of their cells. */
type Gathered = Omit<MeasuredEntry, "cells"> & { readonly times: Map<string, number[]> };

/**
 * The entries of a results file: one of a run; of a sweep's collection one for each class of machines, in which a case that
 * several shards measured has the rounds of all. Runs of two commits, or of two places, make entries of their own.
 */
export async function entriesOfRuns(path: string): Promise<readonly MeasuredEntry[]> {
  const gathered: Gathered[] = [];
  for await (const { read } of runsAt(path)) gather(gathered, path, read);
  return gathered.map(({ times, ...entry }) => {
    const cells = new Map([...times].map(([name, own]) => [name, cellOfTimes(own)]));
    refuseUnfitCells(entry.where, cells);
    return { ...entry, cells };
  });
}

function gather(gathered: Gathered[], path: string, { run, lines }: ReadResults): void {
  const { environment, shard } = run;
  const { commit, dirty } = environment;
  const file = printable(path, 120);
  const where = shard === undefined ? file : `${file}, class ${shard.machine}`;
  const ofClass = shard?.machine;
  const place = placeOf(environment);
  const measured = measuredAt(where, run.started);
  const index = gathered.findIndex((one) => {
    const same = one.commit === commit && one.dirty === dirty && one.class === ofClass;
    return same && isSamePlace(one.place, place);
  });
  const known = gathered[index];
  const times = known?.times ?? new Map<string, number[]>();
  if (known === undefined) {
    const source = shard === undefined ? "run" : "sweep";
    gathered.push({ where, commit, dirty, source, class: ofClass, place, measured, times });
  } else {
    const [first] = [measured, known.measured].sort();
    gathered[index] = { ...known, place: joinPlaces(known.place, place), measured: first };
  }
  const { rows, rounds } = summarize(file, run, lines);
  const ofCase = Map.groupBy(rounds, (round) => round.case);
  for (const row of rows) {
    if (row.outcome !== "measured") continue;
    const medians = (ofCase.get(row.case) ?? []).map(({ samples }) => median(samples));
    const name = cellName(row, { input: row.input, tensors: run.plan.tensors });
    times.set(name, [...(times.get(name) ?? []), ...medians]);
  }
}
