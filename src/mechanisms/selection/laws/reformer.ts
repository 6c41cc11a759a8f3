import { everyRow } from "../../../core/rows.ts";
import { layoutOf, offsetIn } from "../../../core/shape.ts";
import type { Held, Law } from "../../laws/law.ts";
import { sameBits } from "../../laws/like.ts";
import type { Reformer } from "../declare.ts";
import { truthOf } from "../rules/index.ts";
import { mergedRounds } from "./merged-rounds.ts";
import { byRule, byRuleAnew, ruleIn } from "./with-rule.ts";

/** In one chunk every query sees every key. */
export const oneChunk: Law = {
  title: "Reformer of one chunk is full attention with q of length 1 as keys",
  applies: (subject) => ruleIn(subject, "reformer") !== null,
  async check(subject) {
    const rule = { ...ruleOf(subject), chunk: subject.shape.length, sameBucket: false };
    const problem = byRuleAnew(subject, rule);
    const yardstick = truthOf(rule).yardstick?.(problem.mechanism);
    if (yardstick === undefined || yardstick === null) return "there is nothing that it approximates";
    const oracle = yardstick.oracle(problem, subject.call);
    return subject.compare(problem, oracle, everyRow(problem.shape), await subject.output(problem));
  },
};

/** Queries are the keys. */
export const unreadKeys: Law = {
  title: "Reformer does not read k",
  applies: (subject) => ruleIn(subject, "reformer") !== null,
  async check(subject) {
    const problem = byRule(subject, ruleOf(subject));
    const k = problem.inputs.k.map((one) => 1 - one);
    return await sameBits(subject, problem, { ...problem, inputs: { ...problem.inputs, k } }, "k");
  },
};

/** A hash knows nothing of positions. */
export const equalQueries: Law = {
  title: "Reformer puts equal queries in the same bucket",
  applies: (subject) => ruleIn(subject, "reformer") !== null && subject.shape.length > 1,
  async check(subject) {
    const rule = ruleOf(subject);
    const { shape } = subject;
    const plain = byRule(subject, rule);
    const q = plain.inputs.q.slice();
    const layout = layoutOf(shape, "q");
    const half = Math.floor(shape.length / 2);
    for (const { batch, head, row } of everyRow(shape)) {
      if (row < half) continue;
      const from = offsetIn(layout, batch, head, row - half);
      q.copyWithin(offsetIn(layout, batch, head, row), from, from + shape.headDim);
    }
    const choice = subject.choiceOf(await subject.output({ ...plain, inputs: { ...plain.inputs, q } }));
    if (choice === null) return "the kernel hands out no choice that could be read";
    for (let at = 0; at < choice.buckets.length; at++) {
      const token = at % shape.length;
      if (token < half || choice.buckets[at] === choice.buckets[at - half]) continue;
      return `tokens ${token - half} and ${token} are equal, and in buckets ${choice.buckets[at - half]} and ${choice.buckets[at]}`;
    }
    return null;
  },
};

/** Each round has numbers of its own: the first of many are those of few, so that further ones only add keys. */
export const roundsAdd: Law = {
  title: "Reformer hashes in its first rounds as it does where there are no more",
  applies: (subject) => ruleIn(subject, "reformer") !== null,
  async check(subject) {
    const rule = ruleOf(subject);
    const { batch, heads, length } = subject.shape;
    const choice = subject.choiceOf(
      await subject.output(byRuleAnew(subject, { ...rule, rounds: rule.rounds + 1 })),
    );
    if (choice === null) return "the kernel hands out no choice that could be read";
    const buckets = new Int32Array(batch * heads * rule.rounds * length);
    for (let slice = 0; slice < batch * heads; slice++) {
      const from = slice * (rule.rounds + 1) * length;
      buckets.set(choice.buckets.subarray(from, from + rule.rounds * length), slice * rule.rounds * length);
    }
    const fewer = byRuleAnew(subject, rule);
    const output = await subject.output(fewer);
    return subject.compare(fewer, fewer.kind.oracle(fewer), everyRow(fewer.shape), output, { buckets });
  },
};

/**
 * Softmax over all keys that some round shows is what the paper merges from the softmax of each round: with scores less the
 * logarithm of the rounds that show a key, weighed by their sums.
 */
export const roundsMerge: Law = {
  title: "Reformer is the merge of its rounds, each key counted once",
  applies: (subject) => ruleIn(subject, "reformer") !== null,
  async check(subject) {
    const rule = ruleOf(subject);
    const problem = byRule(subject, rule);
    const output = await subject.output(problem);
    const choice = subject.choiceOf(output);
    if (choice === null) return "the kernel hands out no choice that could be read";
    return subject.compare(problem, mergedRounds(problem, rule, choice), subject.someRows, output);
  },
};

function ruleOf(subject: Held): Reformer {
  const rule = ruleIn(subject, "reformer");
  if (rule === null) throw new TypeError("law: it is of another rule");
  return rule;
}
