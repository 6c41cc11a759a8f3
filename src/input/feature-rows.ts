import { hashText, randomStream } from "../core/random.ts";

/**
 * Vectors of `width` coordinates made of `features` numbers by a seeded gaussian matrix. Features of mean square 1
 * give coordinates of variance 1.
 */
export function featureRows(
  kind: string,
  features: number,
  width: number,
  seed: number,
): (row: Float64Array, values: Float64Array) => void {
  const random = randomStream(seed, hashText("feature embedding"), hashText(kind));
  const spread = 1 / Math.sqrt(features);
  const weights = Float64Array.from({ length: features * width }, () => spread * random.gaussian());
  return (row, values) => {
    row.fill(0);
    for (let feature = 0, at = 0; feature < features; feature++) {
      const value = values[feature];
      for (let index = 0; index < width; index++, at++) row[index] += value * weights[at];
    }
  };
}
