import { readSweep } from "../../sweep/sweep-file.ts";
import type { ExitCode, Io } from "../io.ts";
import { type CarryOnOptions, carryOn } from "./carry-on.ts";

/** Has the shards of a sweep measured that are not done, those that failed among them. */
export function sweepResume(
  { folder, ...options }: CarryOnOptions & { readonly folder: string },
  io: Io,
): Promise<ExitCode> {
  return carryOn(folder, readSweep(folder), options, io);
}
