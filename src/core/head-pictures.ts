/** Where the heads of a layer look from one token, by its position alone: the tokens around it, in an image or in the sequence. */
export interface HeadPictures {
  readonly isImage: boolean;
  /** Tokens that are drawn: their rows and columns, the first of which are these of the image, or of the sequence. */
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  /** The token's place among them. */
  readonly row: number;
  readonly column: number;
  /** Pictures in a row: as many as a kernel has taps in one. */
  readonly across: number;
  readonly heads: readonly HeadPicture[];
}

/** One head. */
export interface HeadPicture {
  readonly head: number;
  /** How far away it looks, by rows and by columns. */
  readonly shift: readonly [rows: number, columns: number];
  /** The token with most of its weight, by its row and column, and how much that is. */
  readonly seen: { readonly row: number; readonly column: number; readonly weight: number };
  /** `[height, width]`, from 0 to 1. */
  readonly weights: Float64Array;
}
