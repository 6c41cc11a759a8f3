import { printable } from "../core/errors.ts";
import type { Results } from "../record/case-row.ts";
import type { Environment } from "../record/schema/result-lines.ts";
import { countText } from "../text/count-text.ts";
import { formatRatio } from "../text/format.ts";
import { cellsOfFile } from "./cells-of-file.ts";
import type { Difference, Trust } from "./comparison.ts";
import { type EnvironmentDifference, otherPlaces } from "./environment-differences.ts";

/** A results file, and whether its end was cut off. */
export type ComparedFile = Results & { readonly truncated?: boolean };

/** What to know before believing a comparison of two files, a sentence each. */
export function remarksOn(
  base: ComparedFile,
  head: ComparedFile,
  environment: readonly EnvironmentDifference[],
  input: readonly Difference[],
): readonly string[] {
  const sides = { base, head } as const;
  const places = otherPlaces(environment).map(({ field }) => field);
  return [
    ...(isSameRun(base, head) ? ["both files hold the same run"] : []),
    ...(places.length === 0
      ? []
      : [
          `measured in two places, whose ${places.join(", ")} differ: times may differ for that reason alone`,
        ]),
    ...(input.length === 0
      ? []
      : [
          `measured on different numbers (${input.map(({ field }) => field).join(", ")}): errors are not compared`,
        ]),
    ...(base.learned === undefined && head.learned === undefined
      ? []
      : ["what variants learned is not compared: attnbench report puts both files into one page"]),
    ...Object.entries(sides).flatMap(([side, file]) => ofSide(side, file)),
    ...ceilingRemarks(base.run.environment, head.run.environment),
    WEAK,
  ];
}

/** Of any two files. */
export const WEAK =
  "two files measured one after the other are weak evidence: a machine drifts between them, and each process is laid out afresh; attnbench gate measures both in turn";

/** What times of two files prove: they are never measured in turn. */
export function trustIn(
  base: ComparedFile,
  head: ComparedFile,
  environment: readonly EnvironmentDifference[],
): Trust {
  if (isSameRun(base, head)) return { weight: "none", why: "both files hold the same run" };
  return otherPlaces(environment).length > 0
    ? { weight: "none", why: "measured in two places" }
    : { weight: "weak", why: "weak evidence: measured one after the other" };
}

export function isSameRun(base: ComparedFile, head: ComparedFile): boolean {
  return base.run.started === head.run.started && JSON.stringify(base.rounds) === JSON.stringify(head.rounds);
}

/** More noisy rounds than this share are worth mentioning. */
export const NOISY = 0.1;

function ofSide(side: string, file: ComparedFile): readonly string[] {
  const { rounds, truncated = false } = file;
  const noisy = rounds.filter(({ warnings }) => warnings.length > 0).length;
  const { repeated } = cellsOfFile(file, true);
  return [
    ...(truncated ? [`the last line of ${side} was cut off and is ignored`] : []),
    ...(repeated > 0
      ? [`${countText(repeated, "cell")} of ${side} again under another name: the later counts`]
      : []),
    ...(noisy > NOISY * rounds.length
      ? [`${Math.round((100 * noisy) / rounds.length)} % of the rounds of ${side} were disturbed`]
      : []),
  ];
}

/** The best rate of the machine may move this far from one run to the next before it is worth mentioning. */
const STEADY = 0.05;

/** The machine's best rate is measured at the start of each run: if it moved, times move with it. */
function ceilingRemarks(base: Environment, head: Environment): readonly string[] {
  const [moved] = (base.ceilings ?? []).flatMap((before) => {
    const after = head.ceilings?.find(
      ({ build, threads }) => build === before.build && threads === before.threads,
    );
    return movedRatio(before.flops_per_s, after?.flops_per_s);
  });
  const devices = (base.devices ?? []).flatMap(({ kernel, rates }) => {
    const after = head.devices?.find((one) => one.kernel === kernel)?.rates;
    return movedRatio(rates?.tile_flops_per_s, after?.tile_flops_per_s).map(
      (ratio) =>
        `the device of kernel ${printable(kernel, 40)} reached ${formatRatio(ratio, 3)} in head what it did in base: the device, or its driver, changed its pace`,
    );
  });
  if (moved === undefined) return devices;
  return [
    `the machine's ceiling was ${formatRatio(moved, 3)} in head what it was in base: the machine, or the micro-kernel, changed its pace`,
    ...devices,
  ];
}

/** By what a rate changed, if it is known and more than rates do from run to run. */
function movedRatio(before: number | null | undefined, after: number | null | undefined): readonly number[] {
  const ratio = (after ?? Number.NaN) / (before ?? Number.NaN);
  return !(ratio < Number.POSITIVE_INFINITY) || Math.abs(ratio - 1) <= STEADY ? [] : [ratio];
}
