/** Why an image is not a whole number of rows, in words that follow a pattern's text. */
export function whyNotWhole(width: number, length: number): string | null {
  if (length % width === 0) return null;
  return (
    `takes an image of whole rows, so the tokens must be a multiple of its width ${width}, got ${length}; ` +
    "choose another length, or set width"
  );
}
