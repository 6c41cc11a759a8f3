import { tokenTensors } from "../../judged.ts";
import { type Law, problemOf } from "../../laws/law.ts";
import { outputsOf } from "../../outputs.ts";
import { gradientName } from "../declare.ts";
import { changedRow, ownProblem } from "./gradient-problem.ts";

/** Batch entries and heads do not see one another, but for what belongs to the layer. */
export const independentHeads: Law = {
  title: "gradients of batch entries and heads are independent",
  // Heads that share k and v are not.
  applies: ({ shape: { batch, heads, kvHeads } }) => batch * heads > 1 && kvHeads === heads,
  async check(subject) {
    const { batch, heads } = subject.shape;
    const clean = await subject.output(problemOf(subject));
    const names = new Set(["q", "k", "v"].map(gradientName));
    for (let spoiled = 0; spoiled < batch * heads; spoiled++) {
      const problem = ownProblem(subject);
      for (const { values, layout } of tokenTensors(problem)) {
        const size = layout.rows * layout.width;
        values.fill(Number.NaN, spoiled * size, (spoiled + 1) * size);
      }
      const output = await subject.output(problem);
      const wrong = changedRow(
        outputsOf(problem),
        [clean, output],
        ({ tensor = "", batch: entry, head }) => names.has(tensor) && entry * heads + head !== spoiled,
        `when batch entry ${Math.floor(spoiled / heads)}, head ${spoiled % heads} was filled with NaN`,
      );
      if (wrong !== null) return wrong;
    }
    return null;
  },
};
