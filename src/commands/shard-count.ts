import { printable } from "../core/errors.ts";
import { shownName } from "../files/read-whole.ts";
import { countText } from "../text/count-text.ts";
import type { Io } from "./io.ts";

/** Shards between two lines. */
const EVERY = 100;

/** Says on a terminal how many shards of a collection were read, in a line that is cleared at the end. */
export function shardCount(io: Io, file: string): { show(shards: number): void; end(): void } {
  const draw = (text: string) => io.err.write(`\r\x1b[K${text}`);
  let drawn = false;
  return {
    show(shards) {
      if (io.redraws !== true || shards % EVERY !== 0) return;
      drawn = true;
      draw(`reading ${printable(shownName(file), 60)}: ${countText(shards, "shard")}`);
    },
    end() {
      if (drawn) draw("");
    },
  };
}
