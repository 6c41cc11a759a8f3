import { printable, UsageError } from "../../core/errors.ts";
import type { InputSource } from "../../core/tensors.ts";
import { countText } from "../../text/count-text.ts";
import { featureRows } from "../feature-rows.ts";
import { POSITIONED, positionAt, positionFrequencies } from "../positions.ts";
import { SAMPLES } from "../samples.ts";
import { standardize } from "../standardize.ts";
import { vectorSource } from "../vector-source.ts";
import { framing, logMel, MEL_BANDS } from "./log-mel.ts";
import { readWav } from "./wav.ts";

/**
 * Speech, or any other sound, as attention inputs, the sample if no WAV file is named: a token is a frame of 25 ms,
 * every 10 ms, of 80 log-mel features, each of mean 0 and variance 1 over the file. A seeded gaussian matrix makes
 * vectors of them, which are given sinusoidal positions.
 */
export function speechSource(path: string, seed: number): InputSource {
  const where = path === "" ? "sample" : printable(path);
  const from = path === "" ? SAMPLES.speech : path;
  const sound = readWav(from, where);
  const { window } = framing(sound.rate);
  const { values, frames } = logMel(sound);
  const { length } = sound.samples;
  if (!(frames >= 1)) {
    throw new UsageError(
      `${where}: a sound must last 25 ms, ${window} samples, got ${length}; give a longer one`,
    );
  }
  standardize(values, MEL_BANDS);
  const seconds = (length / sound.rate).toFixed(length < 10 * sound.rate ? 2 : 1);
  return vectorSource(
    {
      kind: "speech",
      where,
      files: [from],
      told: `${seconds} s${sound.isCut ? " (the file ends before its header says)" : ""} → ${countText(frames, "frame")} of ${MEL_BANDS}`,
      count: frames,
      rows(width) {
        const embed = featureRows("speech", MEL_BANDS, width, seed);
        const frequencies = positionFrequencies(width);
        return (row, token, position) => {
          embed(row, values.subarray(token * MEL_BANDS, (token + 1) * MEL_BANDS));
          for (let index = 0; index < width; index++) {
            row[index] = POSITIONED * (row[index] + positionAt(position, index, frequencies));
          }
        };
      },
    },
    seed,
  );
}
