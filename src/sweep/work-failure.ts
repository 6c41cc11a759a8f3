import process from "node:process";
import * as z from "zod";
import { printable } from "../core/errors.ts";

/** What `attnbench sweep work` tells the process that started it, if that listens: why the shard failed. */
const failure = z.object({ type: z.literal("attnbench-failure"), reason: z.string() });

/** Tells it, by the channel that Node has between two of its processes; nothing if there is none. */
export function tellFailure(reason: string): void {
  const message: z.infer<typeof failure> = { type: "attnbench-failure", reason };
  // Whoever started it may have ended.
  process.send?.(message, undefined, undefined, () => {});
}

/** The reason in what was told, in one line; null if it is something else. */
export function failureIn(message: unknown): string | null {
  const { data } = failure.safeParse(message);
  return data === undefined ? null : printable(data.reason, 500);
}
