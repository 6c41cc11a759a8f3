import { codeDifference } from "../../compare/code-differences.ts";
import type { ComparedCell, Comparison, Difference, Side, Trust } from "../../compare/comparison.ts";
import { type Failure, failuresIn } from "../../compare/fail-on.ts";
import { headlineOf, reasonsOf } from "../../compare/headline.ts";
import { remarksOnMeans } from "../../compare/remarks-on-means.ts";
import type { Quantity } from "../../compare/work-changes.ts";
import { FailureError, printable } from "../../core/errors.ts";
import type { ReadBlocks } from "../../record/read-blocks.ts";
import type { BlocksSide, GateLine } from "../../record/schema/block-lines.ts";
import { GATE_RULE } from "../../stats/two-stage-rule.ts";
import { countText } from "../../text/count-text.ts";
import { formatPercent } from "../../text/format.ts";
import { type JudgedRun, judgeRun, mostUnresolved } from "./judge-run.ts";

/** What a gate fails on. */
const GATED: ReadonlySet<Failure> = new Set(["slower", "work", "missing"]);

export interface BlocksSettings {
  /** Quantities of work that may change. */
  readonly accepted: ReadonlySet<Quantity>;
  /** Whether head may lack cells that base has. */
  readonly acceptMissing: boolean;
}

/** The verdict of one run of a gate. Refuses a file in which nothing was measured. */
export function compareBlocks(
  blocks: ReadBlocks,
  { accepted, acceptMissing }: BlocksSettings,
  run = 0,
): Comparison {
  const { gate } = blocks;
  const judged = judgeRun(blocks, run, accepted);
  const { work, oneSided } = judged;
  refuseNothing(blocks, judged);
  const failOn = new Set(GATED);
  if (acceptMissing) failOn.delete("missing");
  // Times are worthless in a spoiled run; counts are not.
  const cells = judged.spoiled.length > 0 ? judged.cells.map(withheld) : judged.cells;
  const failed = failuresIn({ cells, work, oneSided }, failOn).size > 0;
  const doubts = doubtsOf(judged);
  const outcome = failed ? "regressed" : doubts.length > 0 ? "inconclusive" : "fine";
  const findings = { outcome, cells, work, oneSided } as const;
  const reasons = [...(failed ? reasonsOf(findings, failOn) : []), ...doubts];
  return {
    kind: "gate",
    base: sideOf(gate.base, gate),
    head: sideOf(gate.head, gate),
    ...findings,
    failsOn: [...failOn],
    headline: headlineOf(findings),
    reasons,
    geometricMean: judged.spoiled.length > 0 ? null : judged.geometricMean,
    groups: [],
    differences: differencesOf(gate),
    trust: trustIn(judged, doubts.length > 0),
    remarks: [...remarksOn(blocks, judged), ...kernelRemarks(blocks)],
    margin: gate.plan.rule.least,
  };
}

/** A cell of an inconclusive run. */
function withheld(cell: ComparedCell): ComparedCell {
  const said = { verdict: "unresolved", note: "the run as a whole is inconclusive" } as const;
  const mean = cell.mean === null ? null : { ...cell.mean, ...said };
  return { ...cell, ...said, medianVerdict: "unresolved", mean };
}

/** Why the run is inconclusive, the weightiest reason first; empty if it is not. */
function doubtsOf(judged: JudgedRun): readonly string[] {
  const { spoiled, doubts, cells } = judged;
  const unresolved = mostUnresolved(judged);
  const many =
    unresolved === null
      ? []
      : [
          `${unresolved} of ${countText(cells.length, "cell")} could not be resolved: the machine is too noisy, or the blocks too few`,
        ];
  return [...spoiled, ...doubts, ...many];
}

/**
 * Blocks that were disturbed throughout were measured, and are inconclusive; what was counted needs no block.
 */
function refuseNothing({ gate, lines }: ReadBlocks, { oneSided, work, blocks }: JudgedRun): void {
  const broken = oneSided.some((one) => one.broken && one.side === "base");
  if (blocks > 0 || broken || work.length > 0) return;
  const line = lines.find((one) => one.type === "checked");
  const why = line?.base.reason ?? line?.head.reason ?? "no block was measured";
  throw new FailureError(
    `gate: nothing was measured of ${countText(gate.plan.cells.length, "cell")}; ${printable(why, 500)}`,
  );
}

/** What times of one run prove: nothing if it is spoiled, little if it leaves doubts. */
function trustIn({ spoiled, blocks }: JudgedRun, isDoubtful: boolean): Trust {
  if (spoiled.length > 0) return { weight: "none", why: "times cannot be trusted" };
  const measured = `measured in turn, in ${countText(blocks, "block")}`;
  return isDoubtful
    ? { weight: "weak", why: `${measured}, and not all proven` }
    : { weight: "strong", why: measured };
}

function sideOf({ name, commit, dirty }: BlocksSide, { environment: { cpu } }: GateLine): Side {
  return { name, commit, dirty, cpu };
}

function differencesOf({ base, head }: GateLine): readonly Difference[] {
  const told = (value: string | null) => value ?? "not known";
  const differences = (["commit", "code_sha256"] as const)
    .map((field) => ({ field, base: told(base[field]), head: told(head[field]) }))
    .filter((one) => one.base !== one.head);
  const named = codeDifference(base.code ?? {}, head.code ?? {});
  return named === null ? differences : [...differences, { field: "code", ...named }];
}

/** Cells that are named one by one. */
const MOST_NAMED = 4;

/** More disturbed pairs than this share are worth mentioning. */
const NOISY = 0.1;

/** What was said about kernels when their cells were checked, each sentence once. */
function kernelRemarks({ lines }: ReadBlocks): readonly string[] {
  const said = lines.flatMap((line) =>
    line.type === "checked"
      ? (["base", "head"] as const).flatMap((side) =>
          (line[side].remarks ?? []).map((text) => ({ text: `${side}: ${text}`, cell: line.cell })),
        )
      : [],
  );
  return [...Map.groupBy(said, ({ text }) => text)].map(
    ([text, [{ cell }, ...more]]) =>
      `${text} (${cell}${more.length === 0 ? "" : `, and ${more.length} more`})`,
  );
}

function remarksOn({ gate, truncated }: ReadBlocks, judged: JudgedRun): readonly string[] {
  const { rule, inject } = gate.plan;
  const { pairs, lost, blocks } = judged;
  const died = lost.filter(({ wrong }) => !wrong);
  const sameRule = Object.entries(GATE_RULE).every(([name, value]) => {
    return name.endsWith("Blocks") || Reflect.get(rule, name) === value;
  });
  return [
    ...(truncated ? ["the last line of the file was cut off and is ignored"] : []),
    ...sameCode(gate),
    ...(sameRule ? [] : ["judged by the rule in the file, which is not this version's own"]),
    ...(inject > 0
      ? [`${judged.injected ?? "a cell"} was made ${formatPercent(inject)} slower on purpose`]
      : []),
    ...(pairs.disturbed > NOISY * pairs.all
      ? [`${formatPercent(pairs.disturbed / pairs.all)} of the pairs were disturbed and omitted`]
      : []),
    ...ofMeans(judged),
    ...judged.neither.slice(0, MOST_NAMED),
    ...judged.slowerToPrepare.slice(0, MOST_NAMED),
    ...(died.length > 0
      ? [`${countText(died.length, "block")} lost, most recently: ${died[died.length - 1].reason}`]
      : []),
    `measured in turn, in ${countText(blocks, "block")} of fresh processes`,
  ];
}

/** What "same" does not cover. */
function ofMeans({ cells, meansWithheld }: JudgedRun): readonly string[] {
  if (cells.length > 0 && cells.every(({ mean }) => mean === null)) {
    return ["the file, written by an older version, holds no means: costs on few calls were not looked for"];
  }
  return [
    ...(meansWithheld === null ? [] : [`no mean was judged: ${meansWithheld}`]),
    ...remarksOnMeans(cells),
  ];
}

/** Only a plug-in's own file is known, so that two whose imports differ may look alike. */
function sameCode({ base, head }: GateLine): readonly string[] {
  if (base.code_sha256 !== head.code_sha256) return [];
  const whole = base.kind === "checkout" && head.kind === "checkout";
  return [
    whole
      ? "base and head are the same code"
      : "base and head are the same file; what it imports was not compared",
  ];
}
