import { randomStream } from "../../../core/random.ts";
import { isSelfAttention } from "../../../core/shape.ts";
import { type Law, problemOf } from "../../laws/law.ts";
import { outputsOf } from "../../outputs.ts";
import { gradientName } from "../declare.ts";
import { changedRow, fillDout, ownProblem } from "./gradient-problem.ts";

/** A causal output of a later token says nothing of an earlier query, and one of an earlier token nothing of a later key. */
export const causalDout: Law = {
  title: "no dq depends on later dout, and no dk or dv on earlier dout, if causal",
  applies: ({ causal, shape }) => causal && shape.length > 1 && isSelfAttention(shape),
  async check(subject) {
    const { shape, seed, finiteOnly } = subject;
    const planted = finiteOnly ? 1e9 : Number.NaN;
    const cut = 1 + randomStream(seed, shape.length).below(shape.length - 1);
    const clean = await subject.output(problemOf(subject));
    const spoiled = async (isChosen: (row: number) => boolean) => {
      const problem = ownProblem(subject);
      fillDout(problem, planted, isChosen);
      return await subject.output(problem);
    };
    const outputs = outputsOf(problemOf(subject));
    const [q, k, v] = ["q", "k", "v"].map(gradientName);
    const later = await spoiled((row) => row >= cut);
    const earlier = await spoiled((row) => row < cut);
    return (
      changedRow(
        outputs,
        [clean, later],
        ({ tensor, row }) => tensor === q && row < cut,
        `when dout was ${planted} from row ${cut} on`,
      ) ??
      changedRow(
        outputs,
        [clean, earlier],
        ({ tensor, row }) => (tensor === k || tensor === v) && row >= cut,
        `when dout was ${planted} before row ${cut}`,
      )
    );
  },
};
