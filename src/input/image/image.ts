import { printable, UsageError } from "../../core/errors.ts";
import type { InputSource } from "../../core/tensors.ts";
import { countText } from "../../text/count-text.ts";
import { featureRows } from "../feature-rows.ts";
import { POSITIONED, positionAt, positionFrequencies } from "../positions.ts";
import { SAMPLES } from "../samples.ts";
import { vectorSource } from "../vector-source.ts";
import { type Picture, readPicture } from "./picture.ts";

const CHANNELS = 3;
/** Numbers of a patch that are projected: of 128 × 128 pixels. */
const MOST_FEATURES = CHANNELS * 128 ** 2;

/**
 * A picture as attention inputs, the sample if no file is named: a token is a pixel, or a square of `patch` × `patch`
 * pixels, in raster order; what is left over at the right and the bottom is omitted. Its features are its red, green
 * and blue, each of mean 0 and variance 1 over the picture. A seeded gaussian matrix makes vectors of them, which are
 * given sinusoidal positions: that of the row in the first half of the coordinates, that of the column in the other.
 */
export async function imageSource(
  path: string,
  patch: number | undefined,
  seed: number,
): Promise<InputSource> {
  const where = path === "" ? "sample" : printable(path);
  const from = path === "" ? SAMPLES.image : path;
  const picture = await readPicture(from, where);
  const side = patch ?? 1;
  const width = Math.floor(picture.width / side);
  const height = Math.floor(picture.height / side);
  if (!(width >= 1 && height >= 1)) {
    throw new UsageError(
      `${where}: a patch must be at most as large as the picture of ${picture.width} × ${picture.height} pixels, got ${side} × ${side}; ask for smaller ones`,
    );
  }
  const features = CHANNELS * side ** 2;
  if (!(features <= MOST_FEATURES)) {
    throw new UsageError(
      `${where}: a patch must be at most 128 × 128 pixels, got ${side} × ${side}; ask for smaller ones`,
    );
  }
  const levels = channelLevels(picture);
  const what =
    patch === undefined
      ? countText(width * height, "pixel")
      : `${width} × ${height} patches of ${side} × ${side}`;
  return vectorSource(
    {
      kind: "image",
      where: patch === undefined ? where : `${where},patch=${patch}`,
      files: [from],
      told: `${picture.width} × ${picture.height} → ${what} × ${CHANNELS}`,
      count: width * height,
      grid: { width, height },
      rows(columns) {
        const embed = featureRows("image", features, columns, seed);
        const down = Math.ceil(columns / 2);
        const [rowWaves, columnWaves] = [positionFrequencies(down), positionFrequencies(columns - down)];
        const values = new Float64Array(features);
        return (row, token, position) => {
          takePatch(picture, levels, side, token % width, Math.floor(token / width), values);
          embed(row, values);
          const [x, y] = [position % width, Math.floor(position / width)];
          for (let index = 0; index < columns; index++) {
            const place =
              index < down ? positionAt(y, index, rowWaves) : positionAt(x, index - down, columnWaves);
            row[index] = POSITIONED * (row[index] + place);
          }
        };
      },
    },
    seed,
  );
}

/** What is subtracted from a channel, and what it is then divided by. */
interface Levels {
  readonly means: readonly number[];
  readonly spreads: readonly number[];
}

/** Means and standard deviations over the picture, which are whole numbers' and so exact up to the last division. */
function channelLevels({ pixels }: Picture): Levels {
  const sums = [0, 0, 0];
  const squares = [0, 0, 0];
  for (let at = 0; at < pixels.length; at += CHANNELS) {
    for (let channel = 0; channel < CHANNELS; channel++) {
      const value = pixels[at + channel];
      sums[channel] += value;
      squares[channel] += value * value;
    }
  }
  const count = pixels.length / CHANNELS;
  const means = sums.map((sum) => sum / count);
  // A channel that does not vary is 0, whatever it is divided by.
  const spreads = squares.map((sum, channel) => Math.sqrt(sum / count - means[channel] ** 2) || 1);
  return { means, spreads };
}

/** The pixels of a patch, row by row, into `values`. */
function takePatch(
  { width, pixels }: Picture,
  { means, spreads }: Levels,
  side: number,
  column: number,
  row: number,
  values: Float64Array,
): void {
  for (let y = 0, to = 0; y < side; y++) {
    let from = CHANNELS * ((row * side + y) * width + column * side);
    for (let x = 0; x < side; x++) {
      for (let channel = 0; channel < CHANNELS; channel++, from++, to++) {
        values[to] = (pixels[from] - means[channel]) / spreads[channel];
      }
    }
  }
}
