import { existsSync, renameSync } from "node:fs";
import { FailureError, printable } from "../core/errors.ts";
import { whyNotWritten } from "../files/replace-file.ts";
import { placesIn } from "./folder.ts";

/** Keeps what a shard's file holds, `done` or `part`, under a name that nothing reads. Returns where it is now. */
export function moveAside(folder: string, name: string, which: "done" | "part"): string {
  const places = placesIn(folder);
  const from = places[which](name);
  let nth = 1;
  while (existsSync(places.other(name, nth))) nth++;
  try {
    renameSync(from, places.other(name, nth));
  } catch (thrown) {
    throw new FailureError(`sweep: ${printable(from)} cannot be renamed, ${whyNotWritten(thrown, from)}`);
  }
  return places.other(name, nth);
}
