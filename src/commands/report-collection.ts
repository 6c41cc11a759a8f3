import { printable } from "../core/errors.ts";
import { shownName } from "../files/read-whole.ts";
import type { Collection } from "../library/collection/collection.ts";
import { placeWarnings } from "../library/collection/places.ts";
import { writeCollectionReport } from "../library/collection/write-collection-report.ts";
import { nothingDrawn } from "../library/report.ts";
import type { Format } from "../report/formats.ts";
import type { PictureLook } from "../report/looks/picture-look.ts";
import { OUTCOMES } from "../report/overview/outcomes.ts";
import type { Overview } from "../report/overview/overview.ts";
import { countText } from "../text/count-text.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";
import { openPage } from "./open-page.ts";

interface CollectionOptions {
  readonly out?: string | undefined;
  readonly title?: string | undefined;
  /** Null, or omitted, if none were asked for. */
  readonly formats?: readonly Format[] | undefined;
  readonly look: PictureLook;
  readonly facet?: string | undefined;
  readonly open: boolean;
}

/** Makes the report of a collection, and says what to know before believing it. */
export async function reportCollection(
  collection: Collection,
  { open, ...options }: CollectionOptions,
  io: Io,
): Promise<ExitCode> {
  const { overview, path, truncated } = collection;
  if (truncated) note(io, `${printable(shownName(path))}: its last line was cut off and is ignored`);
  for (const warning of placeWarnings(overview.places)) note(io, `warning: ${warning}`);
  const tell = (line: string) => note(io, printable(line));
  const [first, ...others] = await writeCollectionReport(collection, { ...options, tell });
  if (first === undefined) throw nothingDrawn();
  note(io, countsText(overview));
  const beside = others.length === 0 ? "" : ` and ${countText(others.length, "file")} beside it`;
  print(io, `wrote ${printable(first)}${beside}`);
  if (open) await openPage(first);
  return EXIT.fine;
}

/** What the whole collection holds, whatever was asked for. */
function countsText({ outcomes, facets, shards }: Overview): string {
  const ended = OUTCOMES.filter((outcome) => outcomes[outcome] > 0).map((one) => `${outcomes[one]} ${one}`);
  return `${countText(shards, "shard")}, ${countText(facets.length, "facet")}; cases: ${ended.join(", ") || "none"}`;
}
