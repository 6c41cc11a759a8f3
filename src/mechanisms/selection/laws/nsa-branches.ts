import { everyRow, type RowPlace } from "../../../core/rows.ts";
import { countOf, layoutOf } from "../../../core/shape.ts";
import { parameterize } from "../../../core/variant.ts";
import { blockBand } from "../../../pattern/block-band.ts";
import { firstTokens } from "../../../pattern/first-tokens.ts";
import { union } from "../../../pattern/union.ts";
import { fullOracle } from "../../full-oracle.ts";
import type { JudgedProblem } from "../../judged.ts";
import { copyInputs, type Held, type Law, problemOf, type Subject } from "../../laws/law.ts";
import { unlike } from "../../laws/like.ts";
import type { Oracle, Rounding } from "../../oracle.ts";
import { softmaxPatternKind } from "../../softmax-pattern/kind.ts";
import { fullUnder } from "../../softmax-pattern/under-call.ts";
import { NSA_FORCED, NSA_GATES } from "../declare.ts";
import { ruleIn } from "./with-rule.ts";

/** A product so large that the logistic function of it is 1, and of its opposite 0. */
const OPENS = 1000;

type Gate = (typeof NSA_GATES)[number];

/** Of NSA's three softmaxes the second alone, with every block chosen. */
export const allBlocks: Law = {
  title: "where only chosen blocks are let through, and all are chosen, it is full attention",
  applies: isNsa,
  check: (subject) => likeFull(subject, "select", { chosen: Math.max(NSA_FORCED, blocksOf(subject)) }),
};

/** The third alone, with a window over all keys. */
export const widestWindow: Law = {
  title: "where only the window is let through, and no key is outside, it is full attention",
  applies: isNsa,
  check: (subject) => likeFull(subject, "window", { window: subject.shape.length }),
};

/** The second alone, with none to choose: the first block, a query's own, and the one before. */
export const forcedBlocks: Law = {
  title: "where only chosen blocks are let through, and none can be chosen, it is attention to three of them",
  applies: isNsa,
  async check(subject) {
    const block = blockIn(subject);
    const problem = gated(subject, ["select"], { chosen: NSA_FORCED });
    const pattern = union(blockBand(block, 2), firstTokens(block));
    const like = { mechanism: { ...fullUnder(subject.call), pattern }, kind: softmaxPatternKind };
    return await unlike(subject, problem, { ...problem, ...like });
  },
};

/** The first alone: a mean of equal keys is each of them, and a block of equal keys weighs as one of them does in each. */
export const equalBlocks: Law = {
  title:
    "where only means are let through, and the tokens of each block are equal, the last row of each is full attention",
  applies: (subject) => isNsa(subject) && blocksOf(subject) > 1,
  async check(subject) {
    const block = blockIn(subject);
    const problem = gated(subject, ["compress"]);
    const equal = { ...problem, inputs: withEqualBlocks(problem, block) };
    const last = everyRow(subject.shape).filter(({ row }) => (row + 1) % block === 0);
    return subject.compare(equal, fullOracle(equal, subject.call), last, await subject.output(equal));
  },
};

/** What all gates let through is the sum of what each does. */
export const branchesAdd: Law = {
  title: "what three open gates let through is the sum of what each does alone",
  applies: isNsa,
  async check(subject) {
    const open = gated(subject, NSA_GATES);
    const output = await subject.output(open);
    const choice = subject.choiceOf(output);
    if (choice === null) return "the kernel must hand out what it chose, got nothing";
    const on = (problem: JudgedProblem): Oracle => {
      const oracle = problem.kind.oracle(problem);
      return oracle.on?.(choice) ?? oracle;
    };
    const alone = NSA_GATES.map((name) => on(gated(subject, [name])));
    const whole = on(open);
    const rows = (places: readonly RowPlace[], round: Rounding) => {
      const parts = alone.map((one) => one.rows(places, round));
      return whole.rows(places, round).map((row, index) => ({
        ...row,
        values: row.values.map((_, c) => parts.reduce((sum, part) => sum + part[index].values[c], 0)),
      }));
    };
    return subject.compare(open, { rows }, subject.someRows, output);
  },
};

/** NSA's own laws. */
export const NSA_LAWS: readonly Law[] = [allBlocks, widestWindow, forcedBlocks, equalBlocks, branchesAdd];

function isNsa(subject: Subject): boolean {
  return subject.causal && ruleIn(subject, "nsa") !== null;
}

function blocksOf(subject: Subject): number {
  return Math.ceil(subject.shape.length / blockIn(subject));
}

function blockIn(subject: Subject): number {
  return ruleIn(subject, "nsa")?.block ?? 1;
}

async function likeFull(subject: Held, gate: Gate, changed: Record<string, number>): Promise<string | null> {
  const problem = gated(subject, [gate], changed);
  const like = { mechanism: fullUnder(subject.call), kind: softmaxPatternKind };
  return await unlike(subject, problem, { ...problem, ...like });
}

/** The problem with these gates open and the others closed: all queries have a channel of 1, by which they are told. */
function gated(subject: Held, open: readonly Gate[], changed: Record<string, number> = {}): JudgedProblem {
  const { headDim, heads } = subject.shape;
  const inputs = copyInputs(subject.inputs);
  for (let at = 0; at < inputs.q.length; at += headDim) inputs.q[at] = 1;
  const weights = NSA_GATES.map((name) => {
    const values = new Float32Array(heads * headDim);
    for (let head = 0; head < heads; head++) values[head * headDim] = open.includes(name) ? OPENS : -OPENS;
    return [name, values];
  });
  const { variant, filled, kinds, call } = subject;
  const other = kinds.under(parameterize(variant, { ...filled.params, ...changed }), call);
  return problemOf({ ...subject, filled: other }, { ...inputs, ...Object.fromEntries(weights) });
}

/** The inputs with each block's tokens like its first. */
function withEqualBlocks({ inputs, shape }: JudgedProblem, block: number): JudgedProblem["inputs"] {
  const equal = (name: "k" | "v"): Float32Array => {
    const layout = layoutOf(shape, name);
    const values = inputs[name].slice();
    for (let at = 0; at < countOf(layout); at += layout.width) {
      const row = (at / layout.width) % layout.rows;
      values.copyWithin(
        at,
        at - (row % block) * layout.width,
        at - (row % block) * layout.width + layout.width,
      );
    }
    return values;
  };
  return { ...inputs, k: equal("k"), v: equal("v") };
}
