import { everyRow } from "../../../core/rows.ts";
import { layoutOf, offsetIn } from "../../../core/shape.ts";
import { fullOracle } from "../../full-oracle.ts";
import type { Held, Law } from "../../laws/law.ts";
import { float64, type Oracle } from "../../oracle.ts";
import { attendedRow } from "../attended-row.ts";
import { byRule, ruleIn } from "./with-rule.ts";

/** With one key a row is the value of that key, to the bit. */
export const oneKey: Law = {
  title: "top-k of one key is the value of the best",
  applies: (subject) => ruleIn(subject, "top-k") !== null,
  async check(subject) {
    const problem = byRule(subject, { id: "top-k", keys: 1 });
    const { shape, inputs } = problem;
    const output = await subject.output(problem);
    const choice = subject.choiceOf(output);
    if (choice === null) return "the kernel hands out no choice that could be read";
    for (const [index, { batch, head, row }] of everyRow(shape).entries()) {
      const key = choice.keys[index];
      const from = offsetIn(
        layoutOf(shape, "v"),
        batch,
        Math.floor((head * shape.kvHeads) / shape.heads),
        key,
      );
      const at = offsetIn(layoutOf(shape, "output"), batch, head, row);
      for (let i = 0; i < shape.valueDim; i++) {
        if (output[at + i] === inputs.v[from + i]) continue;
        return `row ${row} of batch ${batch}, head ${head}, column ${i}: of the only key ${key} got ${output[at + i]}, expected ${inputs.v[from + i]}`;
      }
    }
    return subject.compare(problem, problem.kind.oracle(problem), everyRow(shape), output);
  },
};

/** `|out - full| <= 2 (1 - kept) max|v|`, kept being the share of full attention's weight on the chosen keys. */
export const keptMass: Law = {
  title: "top-k is as far from full attention as the weight of what it leaves out",
  applies: (subject) => ruleIn(subject, "top-k") !== null,
  async check(subject) {
    const problem = byRule(subject, ruleIn(subject, "top-k") ?? { id: "top-k", keys: 1 });
    const { shape } = problem;
    const output = await subject.output(problem);
    const choice = subject.choiceOf(output);
    if (choice === null) return "the kernel hands out no choice that could be read";
    const exact = fullOracle(problem, subject.call);
    const most = problem.inputs.v.reduce((largest, one) => Math.max(largest, Math.abs(one)), 0);
    /** What is nearest to the output of all that may be, with what a float32 pass errs there. */
    const nearest: Oracle = {
      rows(places, round) {
        const precise = exact.rows(places, float64);
        const computed = round === float64 ? precise : exact.rows(places, round);
        return computed.map(({ values, ...rest }, index) => {
          const { batch, head, row } = places[index];
          const at = offsetIn(layoutOf(shape, "output"), batch, head, row);
          const off = 2 * most * Math.max(0, 1 - massOf(subject, places[index], choice.keys));
          const told = values.map((value, i) => {
            const apart = output[at + i] - precise[index].values[i];
            return value + Math.max(-off, Math.min(off, apart));
          });
          return { values: told, ...rest };
        });
      },
    };
    return subject.compare(problem, nearest, subject.someRows, output);
  },
};

/** The weight that full attention gives to the chosen keys: what it returns of values that are 1 there and 0 elsewhere. */
function massOf(
  subject: Held,
  place: { readonly batch: number; readonly head: number; readonly row: number },
  keys: Int32Array,
): number {
  const { shape, causal } = subject;
  const problem = byRule(subject, { id: "top-k", keys: shape.length });
  const slice = (place.batch * shape.heads + place.head) * shape.queries + place.row;
  const perRow = keys.length / (shape.batch * shape.heads * shape.queries);
  const chosen = new Set(keys.subarray(slice * perRow, (slice + 1) * perRow));
  const { width, heads, rows } = layoutOf(shape, "v");
  const v = new Float32Array(shape.batch * heads * rows * width);
  for (let at = 0; at < v.length; at++) if (chosen.has(Math.floor(at / width) % rows)) v[at] = 1;
  const visible = causal ? place.row + 1 : shape.length;
  const all = Array.from({ length: visible }, (_, key) => key);
  const inputs = { ...problem.inputs, v };
  return attendedRow({ ...problem, inputs }, { place, round: float64, keys: all }).values[0];
}
