import { countText } from "../../text/count-text.ts";
import { gallery } from "../charts/gallery.ts";
import { fullPatterns } from "../full-patterns.ts";
import { sentences } from "./details.ts";
import type { Topic } from "./topic.ts";

/** Who attends whom. */
export const patterns: Topic = {
  id: "patterns",
  title: "Patterns",
  charts: [gallery],
  answer({ results }) {
    const measured = new Set(results.rows.map(({ variant }) => variant));
    const drawn = (results.sketches ?? []).filter(({ variant }) => measured.has(variant));
    if (drawn.length === 0) return null;
    const families = Map.groupBy(drawn, ({ family }) => family.id);
    const told = [...families].map(
      ([family, members]) => `${new Set(members.map(({ variant }) => variant)).size} ${family}`,
    );
    return `${countText(new Set(drawn.map(({ variant }) => variant)).size, "variant")}: ${told.join(", ")}.`;
  },
  details: ({ results }) => sentences("Not sparse at these lengths", fullPatterns(results.rows)),
};
