import { channelsOf, type Turn } from "../../../pairwise/turn.ts";
import { rowsOf, withInputs } from "../../laws/twins.ts";
import { sameAs, withForms } from "./same-as.ts";

/** Su et al. 2021, arXiv 2104.09864: turning all positions by the same angle changes no product. */
export const turnedTogether = sameAs(
  "turning all queries and keys by the same angle changes nothing",
  ({ turn, score }) => turn !== undefined && score === undefined,
  (problem) => {
    const { turn } = problem.mechanism;
    if (turn === undefined) return { asked: problem, like: problem };
    // A quarter turn, which is exact.
    const quarter = rowsOf(problem, (row, made) => {
      for (const [x, y] of pairsOf(turn, row.length)) {
        made[x] = -row[y];
        made[y] = row[x];
      }
    });
    return { asked: withInputs(problem, { q: quarter, k: quarter }), like: problem };
  },
);

/** The two layouts differ only in the order of the channels. */
export const layoutsAgree = sameAs(
  "the layouts of turned channels are one another's after reordering q and k",
  ({ turn, score }) => turn !== undefined && score === undefined,
  (problem) => {
    const { turn } = problem.mechanism;
    if (turn === undefined) return { asked: problem, like: problem };
    const other: Turn = { ...turn, layout: turn.layout === "half" ? "interleaved" : "half" };
    const reordered = rowsOf(problem, (row, made) => {
      const theirs = pairsOf(other, row.length);
      for (const [pair, [x, y]] of pairsOf(turn, row.length).entries()) {
        made[theirs[pair][0]] = row[x];
        made[theirs[pair][1]] = row[y];
      }
    });
    const asked = withForms(withInputs(problem, { q: reordered, k: reordered }), { turn: other });
    return { asked, like: problem };
  },
);

function pairsOf(turn: Turn, width: number): ReadonlyArray<readonly [number, number]> {
  return Array.from({ length: width / 2 }, (_, pair) => channelsOf(turn, pair, width));
}
