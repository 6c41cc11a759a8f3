import { Markdown } from "../../text/markdown.ts";

/** A piece of a document that may be shortened by whole rows. */
export interface Block {
  /** What comes before the rows. */
  readonly open: Markdown;
  readonly rows: readonly Markdown[];
  readonly close: Markdown;
  /** What comes after the rows if that many of them are omitted. */
  readonly leftOut: (count: number) => Markdown;
}

/**
 * The blocks one after another in at most `limit` bytes of UTF-8, which are never fewer than characters: if
 * it is too long, each block keeps its first rows as far as there is room, earlier blocks before later ones.
 */
export function fittedBlocks(blocks: readonly Block[], limit: number): string {
  const whole = blocks.map((block) => text(block, block.rows.length));
  if (sizeOf(...whole) <= limit) return whole.join("");
  // The lines that count what is omitted are included at their longest.
  let room = limit - sizeOf(...blocks.map((block) => text(block, 0)));
  if (!(room >= 0)) {
    throw new RangeError(
      `fittedBlocks: the limit must hold what cannot be cut, got ${limit} bytes, ${-room} too few`,
    );
  }
  const cut = blocks.map((block) => {
    let kept = 0;
    for (const row of block.rows) {
      const size = sizeOf(row.text);
      if (size > room) break;
      room -= size;
      kept++;
    }
    return text(block, kept);
  });
  return cut.join("");
}

function text({ open, rows, close, leftOut }: Block, kept: number): string {
  const left = rows.length - kept;
  return [open, ...rows.slice(0, kept), left === 0 ? new Markdown("") : leftOut(left), close]
    .map((part) => part.text)
    .join("");
}

function sizeOf(...texts: readonly string[]): number {
  return texts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
}
