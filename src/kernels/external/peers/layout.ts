/** How many of each a tensor has, of `width` numbers a token. */
export interface Heads {
  readonly batch: number;
  readonly heads: number;
  readonly rows: number;
  readonly width: number;
}

/** Copies `[batch, heads, rows, width]` into `[batch, rows, heads, width]`. */
export function tokensFirst(
  from: Float32Array,
  to: Float32Array,
  { batch, heads, rows, width }: Heads,
): void {
  swapped(from, to, { batch, heads, rows, width });
}

/** Copies `[batch, rows, heads, width]` into `[batch, heads, rows, width]`. */
export function headsFirst(from: Float32Array, to: Float32Array, { batch, heads, rows, width }: Heads): void {
  swapped(from, to, { batch, heads: rows, rows: heads, width });
}

function swapped(from: Float32Array, to: Float32Array, { batch, heads, rows, width }: Heads): void {
  for (let entry = 0; entry < batch * heads; entry++) {
    const [first, head] = [Math.floor(entry / heads) * heads * rows, entry % heads];
    for (let row = 0; row < rows; row++) {
      const at = (entry * rows + row) * width;
      to.set(from.subarray(at, at + width), (first + row * heads + head) * width);
    }
  }
}
