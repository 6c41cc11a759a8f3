import { formatCount } from "../../text/format.ts";
import type { Entry } from "../ranking/entry.ts";
import { UNIT_WORDS } from "../ranking/unit-words.ts";
import type { Teller } from "./asked.ts";

/** How many are faster than the baseline at every length, from where, and nowhere yet. */
export const pays: Teller = ({ entries, baseline }) => {
  const compared = entries.filter((one) => one.pays.kind !== null);
  if (compared.length === 0) return null;
  const count = (kind: Entry["pays"]["kind"]) => compared.filter((one) => one.pays.kind === kind).length;
  const from = compared
    .flatMap(({ pays: { kind, from } }) => (kind === "from" && from !== null ? [from] : []))
    .sort((a, b) => a - b);
  const told = (length: number) => formatCount(Math.round(length));
  const between =
    from.length > 1 ? `${told(from[0])} to ${told(from[from.length - 1])}` : from.map(told).join("");
  const parts = [
    ...(count("always") > 0 ? [`${count("always")} at every length`] : []),
    ...(from.length > 0 ? [`${from.length} from ${between} on`] : []),
    ...(count("never") > 0 ? [`${count("never")} nowhere yet`] : []),
  ];
  return `Of ${compared.length}, ${UNIT_WORDS[compared[0].unit].faster} ${baseline}: ${parts.join(", ")}.`;
};
