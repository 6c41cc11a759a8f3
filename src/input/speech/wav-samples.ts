/** How a sample is written. */
export interface SampleFormat {
  readonly name: string;
  readonly bytes: number;
  /** The sample at a byte; full scale is 1. */
  read(view: DataView, at: number): number;
}

/** The names of formats by their code, of those that are read and of some that are not. */
export const FORMAT_NAMES: Readonly<Record<number, string>> = {
  1: "integers",
  2: "Microsoft's ADPCM",
  3: "floats",
  6: "A-law",
  7: "µ-law",
  17: "IMA's ADPCM",
  49: "GSM 6.10",
  80: "MPEG",
  85: "MP3",
  255: "AAC",
};

/** The format of a code and a width in bytes; null if there is none. */
export function sampleFormat(code: number, bytes: number): SampleFormat | null {
  return FORMATS.find((one) => one.code === code && one.bytes === bytes) ?? null;
}

const FORMATS: readonly (SampleFormat & { readonly code: number })[] = [
  { code: 1, bytes: 1, name: "8 bits", read: (view, at) => (view.getUint8(at) - 128) / 2 ** 7 },
  { code: 1, bytes: 2, name: "16 bits", read: (view, at) => view.getInt16(at, true) / 2 ** 15 },
  {
    code: 1,
    bytes: 3,
    name: "24 bits",
    read: (view, at) => (view.getUint16(at, true) + 2 ** 16 * view.getInt8(at + 2)) / 2 ** 23,
  },
  { code: 1, bytes: 4, name: "32 bits", read: (view, at) => view.getInt32(at, true) / 2 ** 31 },
  { code: 3, bytes: 4, name: "floats", read: (view, at) => view.getFloat32(at, true) },
  { code: 3, bytes: 8, name: "floats of 64 bits", read: (view, at) => view.getFloat64(at, true) },
  { code: 6, bytes: 1, name: "A-law", read: (view, at) => A_LAW[view.getUint8(at)] },
  { code: 7, bytes: 1, name: "µ-law", read: (view, at) => MU_LAW[view.getUint8(at)] },
];

/**
 * ITU-T G.711: a sign, a segment of three bits and a step of four. µ-law has all bits inverted and a bias of 33 in 14
 * bits.
 */
const MU_LAW = Float64Array.from({ length: 256 }, (_, code) => {
  const { sign, segment, step } = parts(~code);
  return (sign * ((2 * step + 33) * 2 ** segment - 33)) / 2 ** 13;
});

/** The same without a bias, of 13 bits, with every other bit inverted; the first two segments are equally wide. */
const A_LAW = Float64Array.from({ length: 256 }, (_, code) => {
  const { sign, segment, step } = parts(code ^ 0x55);
  const size = segment === 0 ? 2 * step + 1 : (2 * step + 33) * 2 ** (segment - 1);
  return (-sign * size) / 2 ** 12;
});

function parts(code: number) {
  return { sign: (code & 0x80) === 0 ? 1 : -1, segment: (code >> 4) & 7, step: code & 15 };
}
