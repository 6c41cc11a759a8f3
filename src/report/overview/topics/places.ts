import { countText } from "../../../text/count-text.ts";
import { shortName } from "../../../text/labels.ts";
import { words } from "../../topics/details.ts";
import { processorOf } from "../names.ts";
import type { OverviewPlace } from "../overview.ts";
import type { OverviewTopic } from "./topic.ts";

/** What the classes of machines are, and which of their machines are not alike. */
export const places: OverviewTopic = {
  id: "places",
  title: () => "Machines and code",
  answer({ places: all, first, last, repeats, shards }) {
    const apart = all
      .filter(({ number }) => number > 1)
      .map(
        ({ machine, label, shards: own, differs }) =>
          `${countText(own, "shard")} of ${machine} ran in another place (${differs.map((field) => shortName(field)).join(", ")}) and stands apart as ${label}`,
      );
    const whole = `${countText(shards, "shard")} in ${countText(repeats, "repeat")}, begun from ${shortName(first)} to ${shortName(last)}`;
    return `${[whole, ...apart].join("; ")}.`;
  },
  tables: () => [],
  details: ({ places: all }) => [
    {
      title: "Classes of machines",
      heads: words("class", "processor", "cores", "system", "runtime", "attnbench", "commit"),
      rows: all.map((place) => ({ series: null, cells: cellsOf(place) })),
    },
  ],
};

function cellsOf({ label, environment }: OverviewPlace) {
  const { cores, cores_allowed: allowed, os, node, attnbench, commit, dirty } = environment;
  const some = allowed == null ? "" : `, allowed ${shortName(allowed)}`;
  return [
    label,
    processorOf(environment),
    `${cores}${some}`,
    shortName(os, 60),
    node === null ? "a browser" : `Node ${shortName(node)}`,
    shortName(attnbench),
    commit === null ? "not known" : `${shortName(commit, 12)}${dirty === true ? ", with changes" : ""}`,
  ].map((text) => ({ text }));
}
