import { Markdown } from "../markdown.ts";

/** A piece of a document that may be shortened by whole rows. */
export interface Block {
  /** What stands before the rows. */
  readonly open: Markdown;
  readonly rows: readonly Markdown[];
  readonly close: Markdown;
  /** What stands after the rows where so many of them are left out. */
  readonly leftOut: (count: number) => Markdown;
}

/**
 * The blocks one after another in at most `limit` bytes of UTF-8, which are never fewer than characters: where it is too
 * long, each block keeps its first rows as far as there is room, the earlier blocks before the later ones.
 */
export function fittedBlocks(blocks: readonly Block[], limit: number): string {
  const whole = blocks.map((block) => text(block, block.rows.length));
  if (sizeOf(...whole) <= limit) return whole.join("");
  let room = limit - sizeOf(...blocks.map((block) => text(block, 0)));
  if (!(room >= 0)) {
    throw new RangeError(
      `fittedBlocks: the limit must hold what cannot be cut, got ${limit} bytes, ${-room} too few`,
    );
  }
  const cut = blocks.map((block) => {
    // The line that counts what is left out is in the room already, at its longest.
    const spared = sizeOf(text(block, 0)) + room;
    let kept = 0;
    for (let used = 0; kept < block.rows.length; kept++) {
      used += sizeOf(block.rows[kept].text);
      if (used > room) break;
    }
    while (sizeOf(text(block, kept)) > spared) kept--;
    room = spared - sizeOf(text(block, kept));
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
