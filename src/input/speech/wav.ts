import { printable, UsageError } from "../../core/errors.ts";
import { type ReadableFile, withFile } from "../../files/readable-file.ts";
import { type WavHeader, wavHeader } from "./wav-header.ts";

/** A sound of one channel. */
export interface Sound {
  /** Full scale is 1. */
  readonly samples: Float32Array;
  /** Samples a second. */
  readonly rate: number;
  /** Whether the file ends before its header says. */
  readonly isCut: boolean;
}

/** The most samples of a channel: 70 minutes at 16 kHz. */
const MOST_SAMPLES = 2 ** 26;
/** Beyond this a sample is no sound: floats may be written with integers' full scale, at most 2^31. */
const LOUDEST = 2 ** 32;
/** Bytes that are read at once. */
const PORTION = 2 ** 20;

/** The mean of the channels of a WAV file. Refuses anything else, and what is too long to be kept. */
export function readWav(path: string, where = printable(path)): Sound {
  return withFile(path, (file) => {
    const header = wavHeader(file, where);
    const { samples, rate, isCut } = header;
    if (!(samples >= 1))
      throw new UsageError(`${where}: a sound must have samples, got none; record it again`);
    if (!(samples <= MOST_SAMPLES)) {
      throw new UsageError(
        `${where}: a sound must have at most ${MOST_SAMPLES} samples, got ${samples}; cut it, such as with ffmpeg -t 600`,
      );
    }
    return { samples: meanOfChannels(file, header, where), rate, isCut };
  });
}

function meanOfChannels(
  file: ReadableFile,
  { channels, format, blockBytes, start, samples }: WavHeader,
  where: string,
): Float32Array {
  const mean = new Float32Array(samples);
  const atOnce = Math.max(1, Math.floor(PORTION / blockBytes));
  for (let first = 0; first < samples; first += atOnce) {
    const count = Math.min(atOnce, samples - first);
    const bytes = new Uint8Array(count * blockBytes);
    file.read(start + first * blockBytes, bytes);
    const view = new DataView(bytes.buffer);
    for (let sample = 0; sample < count; sample++) {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++) {
        sum += format.read(view, sample * blockBytes + channel * format.bytes);
      }
      if (!(Math.abs(sum) <= LOUDEST)) {
        throw new UsageError(
          `${where}: samples must be numbers of at most 2^32, got ${sum / channels} at sample ${first + sample}; record it again, or convert it to integers`,
        );
      }
      mean[first + sample] = sum / channels;
    }
  }
  return mean;
}
