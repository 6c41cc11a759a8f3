import type { RowPlace } from "../../../core/rows.ts";
import { everyRow } from "../../../core/rows.ts";
import type { Law } from "../../laws/law.ts";
import type { Oracle } from "../../oracle.ts";
import { type Convolution, tokensBefore, WEIGHTS } from "../declare.ts";
import { changed, convolutionOf, inputOf, isOf } from "./convolution-problem.ts";

/** A 1 in one channel of one token, and zeros elsewhere, is answered by the taps in their order. */
export const impulse: Law = {
  title: "an impulse is answered by the taps, last to first",
  applies: (subject) => isOf(subject, "depthwise", "full"),
  async check(subject) {
    const problem = convolutionOf(subject);
    const { shape, mechanism, causal } = problem;
    const { batch, kvHeads, length, valueDim: d } = shape;
    const { taps, form } = mechanism;
    const answer = answerOf(mechanism, length, causal);
    if (answer === null) return null;
    const { token, tapOf } = answer;
    const channel = d - 1;
    const v = new Float32Array(batch * kvHeads * length * d);
    for (let slice = 0; slice < batch * kvHeads; slice++) v[(slice * length + token) * d + channel] = 1;
    const asked = changed(problem, {}, { v });
    const weights = inputOf(problem, WEIGHTS[form][0]);
    const exact = asked.kind.oracle(asked);
    const tapAt = ({ head, row }: RowPlace, c: number): number => {
      const t = tapOf(row);
      if (t === null) return 0;
      if (form === "depthwise") return c === channel ? weights[(head * taps + t) * d + c] : 0;
      return weights[((head * taps + t) * d + channel) * d + c];
    };
    const oracle: Oracle = {
      rows: (places, round) =>
        exact.rows(places, round).map((one, index) => ({
          ...one,
          values: one.values.map((_, c) => tapAt(places[index], c)),
        })),
    };
    return subject.compare(asked, oracle, everyRow(shape), await subject.output(asked));
  },
};

/** A token in the middle, and the tap that it has in the window of a row, if any. */
interface Answer {
  readonly token: number;
  tapOf(row: number): number | null;
}

/** Null if the middle of an image is at its border, where the nearest pixel stands for several outside of it. */
function answerOf(mechanism: Convolution, length: number, causal: boolean): Answer | null {
  const { taps, image } = mechanism;
  if (image === undefined) {
    const token = Math.floor(length / 2);
    const before = tokensBefore(mechanism, causal);
    return { token, tapOf: (row) => within(token - row + before, taps) };
  }
  const { width, side, border } = image;
  const height = length / width;
  if (border === "nearest" && Math.min(width, height) < 3) return null;
  const [line, column] = [Math.floor(height / 2), Math.floor(width / 2)];
  const before = Math.floor(side / 2);
  return {
    token: line * width + column,
    tapOf(row) {
      const down = within(line - Math.floor(row / width) + before, side);
      const across = within(column - (row % width) + before, side);
      return down === null || across === null ? null : down * side + across;
    },
  };
}

function within(tap: number, taps: number): number | null {
  return tap >= 0 && tap < taps ? tap : null;
}
