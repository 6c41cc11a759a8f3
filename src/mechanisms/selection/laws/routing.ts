import { everyRow, type RowPlace } from "../../../core/rows.ts";
import { layoutOf, offsetIn, type Shape } from "../../../core/shape.ts";
import { fullOracle } from "../../full-oracle.ts";
import type { Law } from "../../laws/law.ts";
import { type Oracle, rowByRow } from "../../oracle.ts";
import { attendedRow } from "../attended-row.ts";
import { CENTRES, routingSizes } from "../declare.ts";
import { byRuleAnew, ruleIn } from "./with-rule.ts";

/** A centre that takes all tokens leaves nothing to choose. */
export const oneCentre: Law = {
  title: "routing by one centre that takes all tokens is full attention",
  applies: (subject) => ruleIn(subject, "routing") !== null,
  async check(subject) {
    const { shape, call } = subject;
    const problem = byRuleAnew(subject, { id: "routing", clusters: 1, window: shape.length, seed: 0 });
    const output = await subject.output(problem);
    return subject.compare(problem, fullOracle(problem, call), everyRow(shape), output);
  },
};

/** Rows that no centre took attend nothing. */
export const unrouted: Law = {
  title: "routing leaves a query that no centre took a row of zeros",
  applies: (subject) => ruleIn(subject, "routing") !== null,
  async check(subject) {
    // One centre with few tokens, so that there are such rows.
    const rule = {
      id: "routing",
      clusters: 1,
      window: Math.ceil(subject.shape.length / 3),
      seed: 0,
    } as const;
    const problem = byRuleAnew(subject, rule);
    const output = await subject.output(problem);
    const choice = subject.choiceOf(output);
    if (choice === null) return "the kernel hands out no choice that could be read";
    const { shape } = problem;
    const { clusters, window } = routingSizes(rule, shape.length);
    const size = clusters * window;
    for (const { batch, head, row } of everyRow(shape)) {
      const slice = batch * shape.heads + head;
      if (choice.queries.subarray(slice * size, (slice + 1) * size).includes(row)) continue;
      const at = offsetIn(layoutOf(shape, "output"), batch, head, row);
      const column = output.subarray(at, at + shape.valueDim).findIndex((value) => value !== 0);
      if (column >= 0) {
        return `row ${row} of batch ${batch}, head ${head}, which no centre took, has ${output[at + column]} in column ${column}`;
      }
    }
    return subject.compare(problem, problem.kind.oracle(problem), everyRow(shape), output);
  },
};

/** Groups of tokens in different directions. */
const GROUPS = 2;

/** Tokens of groups that lie far apart attend their own. */
export const separated: Law = {
  title: "routing finds clusters that lie far apart",
  applies: (subject) =>
    ruleIn(subject, "routing") !== null && subject.shape.headDim >= GROUPS && subject.shape.length >= GROUPS,
  async check(subject) {
    const { shape } = subject;
    const window = Math.floor(shape.length / GROUPS);
    const plain = byRuleAnew(subject, { id: "routing", clusters: GROUPS, window, seed: 0 });
    // Centres begin at a token of each group: k-means may stay where two begin in one.
    const starts = Float32Array.from({ length: shape.heads * GROUPS }, (_, at) => at % GROUPS);
    const inputs = {
      ...plain.inputs,
      q: grouped(plain.inputs.q, shape, "q"),
      k: grouped(plain.inputs.k, shape, "k"),
      [CENTRES]: starts,
    };
    const problem = { ...plain, inputs };
    const oracle: Oracle = rowByRow((batch, head, row, round) => {
      const place: RowPlace = { batch, head, row };
      const end = problem.causal ? row + 1 : shape.length;
      const keys = Array.from({ length: end }, (_, key) => key);
      const own = keys.filter(
        (key) => groupOf(key, window) !== null && groupOf(key, window) === groupOf(row, window),
      );
      return attendedRow(problem, { place, round, keys: own });
    });
    return subject.compare(problem, oracle, everyRow(shape), await subject.output(problem));
  },
};

/** The group of a token; null for those that are left over. */
function groupOf(token: number, window: number): number | null {
  return token < GROUPS * window ? token % GROUPS : null;
}

/** Small numbers, and a large one in the channel of the group; those left over point away from all. */
function grouped(values: Float32Array, shape: Shape, name: "q" | "k"): Float32Array {
  const { rows, width } = layoutOf(shape, name);
  const window = Math.floor(shape.length / GROUPS);
  return values.map((value, at) => {
    const channel = at % width;
    const group = groupOf(Math.floor(at / width) % rows, window);
    if (group === null) return channel < GROUPS ? -8 : value / 8;
    return value / 8 + (channel === group ? 8 : 0);
  });
}
