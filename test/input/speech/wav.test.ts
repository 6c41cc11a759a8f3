import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readWav } from "../../../src/input/speech/wav.ts";
import { goldenWorkloads } from "../golden-workloads.ts";
import { rawZip } from "../raw-files.ts";
import { refusal } from "../refusal.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { rawChunk, rawFormat, rawSamples, rawWav } from "./raw-wav.ts";

const folder = scratchFolder();
const read = (content: string | Uint8Array) => readWav(folder.write("sound.wav", content), "sound.wav");
const samples = rawSamples([0, 16384, -32768, 32767]);
const heard = [0, 0.5, -1, 32767 / 32768];
const plain = rawWav([rawFormat(), rawChunk("data", samples)]);

describe("a WAV file", () => {
  it.each(goldenWorkloads.sounds)(
    "is read as ffmpeg reads it: $name",
    ({ file, rate, samples: expected }) => {
      const sound = read(Buffer.from(file, "base64"));
      expect(sound).toMatchObject({ rate, isCut: false });
      expect(sound.samples).toHaveLength(expected.length);
      for (const [at, sample] of sound.samples.entries()) expect(sample).toBeCloseTo(expected[at], 6);
    },
  );

  it("has other chunks of any length before its samples, and some after them", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 4 }), (others) => {
        const before = others.map((content) => rawChunk("LIST", content));
        const file = rawWav([...before, rawFormat(), ...before, rawChunk("data", samples), ...before]);
        expect([...read(file).samples]).toEqual(heard);
      }),
      { numRuns: 30 },
    );
  });

  it("is read as far as it goes where it ends before its header says, and says so", () => {
    for (let cut = 1; cut <= 6; cut++) {
      const sound = read(plain.slice(0, plain.length - cut));
      expect(sound.isCut).toBe(true);
      expect([...sound.samples]).toEqual(heard.slice(0, Math.floor((8 - cut) / 2)));
    }
  });

  it("has the width of its samples, whatever it says of their block, if that is nothing", () => {
    const file = rawWav([rawFormat({ blockBytes: 0 }), rawChunk("data", samples)]);
    expect([...read(file).samples]).toEqual(heard);
  });

  it("has samples of 12 bits in the upper ones of 16", () => {
    const file = rawWav([rawFormat({ bits: 12, blockBytes: 2 }), rawChunk("data", samples)]);
    expect([...read(file).samples]).toEqual(heard);
  });

  it("is the mean of its channels", () => {
    const channels = rawFormat({ channels: 2 });
    expect([...read(rawWav([channels, rawChunk("data", samples)])).samples]).toEqual(
      [0.25, (32767 / 32768 - 1) / 2].map(Math.fround),
    );
  });

  it("is the same in portions", () => {
    const many = Array.from({ length: 1_500_000 }, (_, at) => (at * 7919) % 32768);
    const sound = read(rawWav([rawFormat(), rawChunk("data", rawSamples(many))]));
    for (const at of [0, 524_287, 524_288, 1_048_577, 1_499_999]) {
      expect(sound.samples[at]).toBe(many[at] / 32768);
    }
  });

  const float = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    return rawWav([rawFormat({ code: 3, bits: 32 }), rawChunk("data", bytes)]);
  };

  it.each<[string, string | Uint8Array, string]>([
    ["nothing", "", "must be a WAV file, got an empty file; save it again"],
    ["some text", "hello", "must be a WAV file, got plain text; write text:FILE"],
    ["a zip archive", rawZip([]), "must be a WAV file, got an empty zip archive; "],
    [
      "a zip with a file",
      "PK\x03\x04".padEnd(60, "\0"),
      "must be a WAV file, got a zip archive; unpack it first",
    ],
    [
      "an MP3",
      "ID3\x04",
      "must be a WAV file, got an MP3 sound; convert it, such as with ffmpeg -i FILE OUT.wav",
    ],
    ["a FLAC", "fLaC\0\0", "must be a WAV file, got a FLAC sound; convert it"],
    ["a picture", "\x89PNG\r\n", "must be a WAV file, got a PNG picture; write image:FILE to use a picture"],
    [
      "noise",
      Uint8Array.from({ length: 100 }, (_, at) => 128 + at),
      "got bytes of no kind that is known; convert it",
    ],
    [
      "the first bytes of one",
      plain.slice(0, 20),
      "must have samples, got none before its end; was writing or loading it cut short?",
    ],
    ["a header without samples", rawWav([rawFormat()]), "must have samples, got none before its end"],
    [
      "samples of nothing",
      rawWav([rawFormat(), rawChunk("data", new Uint8Array())]),
      "must have samples, got none; record it again",
    ],
    [
      "half a sample",
      rawWav([rawFormat(), rawChunk("data", new Uint8Array(1))]),
      "must have samples, got none",
    ],
    [
      "samples without a format",
      rawWav([rawChunk("data", samples)]),
      "must say its format before its samples",
    ],
    [
      "a short format",
      rawWav([rawChunk("fmt ", new Uint8Array(4)), rawChunk("data", samples)]),
      "the format of a WAV file must be 16 bytes long, got 4",
    ],
    [
      "another layout",
      rawWav([rawFormat()], { id: "RF64" }),
      "must begin with RIFF, got RF64, of another layout; convert it",
    ],
    ["the other order of bytes", rawWav([rawFormat()], { id: "RIFX" }), "must begin with RIFF, got RIFX"],
    ["a video", Buffer.concat([Buffer.from("RIFF\0\0\0\0AVI ")]), "must be a WAV file, got bytes of no kind"],
    [
      "no channels",
      rawWav([rawFormat({ channels: 0, blockBytes: 2 }), rawChunk("data", samples)]),
      "must have 1 to 256 channels, got 0",
    ],
    [
      "no rate",
      rawWav([rawFormat({ rate: 0 }), rawChunk("data", samples)]),
      "must have 1000 to 1000000 samples a second, got 0",
    ],
    [
      "a huge rate",
      rawWav([rawFormat({ rate: 4e9 }), rawChunk("data", samples)]),
      "samples a second, got 4000000000",
    ],
    [
      "ADPCM",
      rawWav([rawFormat({ code: 2, bits: 4, blockBytes: 256 }), rawChunk("data", samples)]),
      "got Microsoft's ADPCM of 4 bits; convert it",
    ],
    [
      "an unknown format",
      rawWav([rawFormat({ code: 4711 }), rawChunk("data", samples)]),
      "got format 4711 of 16 bits",
    ],
    [
      "integers of 64 bits",
      rawWav([rawFormat({ bits: 64 }), rawChunk("data", samples)]),
      "got integers of 64 bits",
    ],
    [
      "no bits",
      rawWav([rawFormat({ bits: 0, blockBytes: 2 }), rawChunk("data", samples)]),
      "got integers of 0 bits",
    ],
    [
      "a block of another width",
      rawWav([rawFormat({ blockBytes: 3 }), rawChunk("data", samples)]),
      "1 samples of 16 bits must take 2 bytes, got 3 in the header",
    ],
    [
      "a sample that is none",
      float(Number.NaN),
      "samples must be numbers of at most 2^32, got NaN at sample 0",
    ],
    ["an infinite sample", float(Number.POSITIVE_INFINITY), "got Infinity at sample 0"],
    ["a sample that is no sound", float(1e30), "at sample 0"],
  ])("is refused in one line: %s", (_, content, message) => {
    expect(
      refusal(() => read(typeof content === "string" ? Buffer.from(content, "latin1") : content)),
    ).toContain(message);
  });

  it("has samples to its end if its sizes were unknown, as of a sound from a pipe", () => {
    for (const unknown of [0, 0xffff_ffff]) {
      const file = rawWav([rawFormat(), rawChunk("data", samples, unknown)], { size: unknown });
      expect(read(file)).toMatchObject({ isCut: false });
      expect([...read(file).samples]).toEqual(heard);
    }
  });

  it("is refused if it is too long to be kept, before that is tried", () => {
    const file = rawWav([rawFormat({ bits: 8 }), rawChunk("data", new Uint8Array(2 ** 26 + 1))]);
    expect(refusal(() => read(file))).toContain("must have at most 67108864 samples, got 67108865; cut it");
  });
});
