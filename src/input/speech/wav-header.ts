import { UsageError } from "../../core/errors.ts";
import type { ReadableFile } from "../../files/readable-file.ts";
import { wrongKind } from "../file-kind.ts";
import { FORMAT_NAMES, type SampleFormat, sampleFormat } from "./wav-samples.ts";

/** Where the samples of a WAV file lie, and what they are. */
export interface WavHeader {
  readonly channels: number;
  /** Samples of a channel in a second. */
  readonly rate: number;
  readonly format: SampleFormat;
  /** Bytes of one sample of all channels. */
  readonly blockBytes: number;
  /** Bytes before the first sample. */
  readonly start: number;
  /** Samples of each channel, as many as are there. */
  readonly samples: number;
  /** Whether the file ends before its header says. */
  readonly isCut: boolean;
}

/** Rates that a sound may have. */
const RATES = { least: 1000, most: 1_000_000 } as const;
const MOST_CHANNELS = 256;

const CONVERT = "convert it, such as with ffmpeg -i FILE -c:a pcm_s16le OUT.wav";

/** Chunks that are looked at. */
const MOST_CHUNKS = 10_000;

/** Sizes that programs write which do not know how long a sound will be. */
const UNKNOWN_SIZES = [0, 0xffff_ffff];

/** WAVE_FORMAT_EXTENSIBLE: what the samples are is said in its extension. */
const EXTENSIBLE = 0xfffe;

/**
 * Reads the chunks of a WAV file (Microsoft and IBM 1991) up to its samples. Chunks of odd length are followed by a
 * byte that does not count. Samples that are missing at the end are left out; other faults are a UsageError.
 */
export function wavHeader(file: ReadableFile, where: string): WavHeader {
  const riff = head(file, 0, 12);
  const [id, form] = [tag(riff, 0), tag(riff, 8)];
  if (id === "RIFX" || id === "RF64" || id === "BW64") {
    throw new UsageError(
      `${where}: a WAV file must begin with RIFF, got ${id}, of another layout; ${CONVERT}`,
    );
  }
  if (id !== "RIFF" || form !== "WAVE") throw wrongKind(where, "a WAV file", file, CONVERT);
  let format: Omit<WavHeader, "start" | "samples" | "isCut"> | null = null;
  let at = 12;
  for (let chunks = 0; at + 8 <= file.size && chunks < MOST_CHUNKS; chunks++) {
    const chunk = head(file, at, 8);
    const size = chunk.getUint32(4, true);
    at += 8;
    if (tag(chunk, 0) === "fmt " && at + 16 <= file.size)
      format = formatOf(head(file, at, Math.min(size, 40)), where);
    else if (tag(chunk, 0) === "data") {
      if (format === null) {
        throw new UsageError(`${where}: a WAV file must say its format before its samples; ${CONVERT}`);
      }
      const said = UNKNOWN_SIZES.includes(size) && isOpenEnded(riff) ? file.size - at : size;
      const there = Math.min(said, file.size - at);
      return { ...format, start: at, samples: Math.floor(there / format.blockBytes), isCut: there < said };
    }
    at += size + (size % 2);
  }
  throw new UsageError(
    `${where}: a WAV file must have samples, got none before its end; was writing or loading it cut short?`,
  );
}

/** Whether the size of the whole was unknown as well, as of a sound that was written to a pipe. */
function isOpenEnded(riff: DataView): boolean {
  const size = riff.getUint32(4, true);
  return UNKNOWN_SIZES.includes(size) || size >= 0x7fff_ff00 || size <= 44;
}

function formatOf(chunk: DataView, where: string): Omit<WavHeader, "start" | "samples" | "isCut"> {
  if (chunk.byteLength < 16) {
    throw new UsageError(
      `${where}: the format of a WAV file must be 16 bytes long, got ${chunk.byteLength}; ${CONVERT}`,
    );
  }
  const code = chunk.getUint16(0, true);
  const known = code === EXTENSIBLE && chunk.byteLength >= 26 ? chunk.getUint16(24, true) : code;
  const channels = chunk.getUint16(2, true);
  const rate = chunk.getUint32(4, true);
  const bits = chunk.getUint16(14, true);
  if (!(channels >= 1 && channels <= MOST_CHANNELS)) {
    throw new UsageError(
      `${where}: a WAV file must have 1 to ${MOST_CHANNELS} channels, got ${channels}; ${CONVERT}`,
    );
  }
  if (!(rate >= RATES.least && rate <= RATES.most)) {
    throw new UsageError(
      `${where}: a sound must have ${RATES.least} to ${RATES.most} samples a second, got ${rate}; ${CONVERT}`,
    );
  }
  // Samples of 12 or 20 bits fill the upper bits of 16 or 24.
  const bytes = Math.ceil(bits / 8);
  const format = sampleFormat(known, bytes);
  if (format === null) {
    const name = FORMAT_NAMES[known] ?? `format ${known}`;
    throw new UsageError(
      `${where}: samples must be integers of 8, 16, 24 or 32 bits, floats of 32 or 64, µ-law or A-law, got ${name} of ${bits} bits; ${CONVERT}`,
    );
  }
  const blockBytes = chunk.getUint16(12, true) || bytes * channels;
  if (blockBytes !== bytes * channels) {
    throw new UsageError(
      `${where}: ${channels} samples of ${bits} bits must take ${bytes * channels} bytes, got ${blockBytes} in the header; ${CONVERT}`,
    );
  }
  return { channels, rate, format, blockBytes };
}

/** Bytes of a file, fewer where it ends before. */
function head(file: ReadableFile, at: number, count: number): DataView {
  const bytes = new Uint8Array(Math.max(0, Math.min(count, file.size - at)));
  file.read(at, bytes);
  return bytes.length < count && at === 0 ? new DataView(new ArrayBuffer(count)) : new DataView(bytes.buffer);
}

function tag(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((byte) => view.getUint8(at + byte)));
}
