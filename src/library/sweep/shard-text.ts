import { printable } from "../../core/errors.ts";
import type { Shard } from "../../sweep/shard.ts";
import { cutText } from "../../text/cut-text.ts";

/** A shard in words: what it measures, then its other options as they are typed. */
export function shardText({ options }: Pick<Shard, "options">, width: number): string {
  const { variants, lengths, budget: _, ...setting } = options;
  const words = Object.entries(setting).map(([option, value]) => `${option}=${value}`);
  return cutText(printable([variants, `at ${lengths}`, ...words].join(" "), 1000), width);
}
