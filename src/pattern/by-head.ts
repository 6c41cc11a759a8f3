import type { Pattern } from "../core/pattern.ts";
import { definedFor } from "./defined-for.ts";
import { commonImage } from "./of-image.ts";
import { takesEdges } from "./with-edges.ts";

/** Heads take turns: head `h` has the pattern `members[h mod n]` of `n`. */
export function byHead(...members: readonly [Pattern, ...Pattern[]]): Pattern {
  const { role } = members[0];
  return {
    text: `byHead(${members.map(({ text }) => text).join(", ")})`,
    perHead: true,
    ...(members.every(({ perHead }) => !perHead) && { headPeriod: members.length }),
    drawsFromRest: members.some(({ drawsFromRest }) => drawsFromRest),
    ...definedFor(members),
    ...commonImage(members),
    ...takesEdges(members, ([first, ...others]) => byHead(first, ...others)),
    parts: [],
    // What pictures show is the first head.
    ...(role && { role }),
    bind: (context) => members[context.head % members.length].bind(context),
  };
}
