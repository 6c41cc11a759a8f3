import { describe, expect, it } from "vitest";
import { readPicture } from "../../../src/input/image/picture.ts";
import { goldenWorkloads } from "../golden-workloads.ts";
import { refusalOf } from "../refusal.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { greyPng, rawPng } from "./raw-png.ts";

const folder = scratchFolder();
const read = (content: string | Uint8Array) => readPicture(folder.write("picture", content), "picture");
const fileOf = (name: string) => {
  const found = goldenWorkloads.pictures.find((one) => one.name === name);
  return Buffer.from(found?.file ?? "", "base64");
};

describe("a picture", () => {
  it.each(goldenWorkloads.pictures)("is read as Pillow reads it: $name", async (golden) => {
    const { width, height, pixels } = await read(Buffer.from(golden.file, "base64"));
    expect({ width, height }).toEqual({ width: golden.width, height: golden.height });
    expect(pixels).toHaveLength(3 * width * height);
    expect(pixels).toBeInstanceOf(golden.scale === 255 ? Uint8Array : Uint16Array);
    for (const [at, value] of pixels.entries()) {
      expect(Math.abs(value - golden.pixels[at]), `number ${at}`).toBeLessThanOrEqual(golden.within);
    }
  });

  it("is known by its content, whatever the file is called", async () => {
    const path = folder.write(
      "picture.jpg",
      greyPng(2, 1, (x) => 100 * x),
    );
    expect([...(await readPicture(path)).pixels]).toEqual([0, 0, 0, 100, 100, 100]);
  });

  it.each<[string, string | Uint8Array, string]>([
    ["nothing", "", "must be a PNG or JPEG picture, got an empty file"],
    ["a text", "a picture", "must be a PNG or JPEG picture, got plain text"],
    ["a GIF", "GIF89a....", "must be a PNG or JPEG picture, got a GIF picture; convert it to PNG"],
    ["a WebP", "RIFF....WEBPVP8 ", "got a WebP picture; convert it to PNG"],
    ["a zip archive", "PK\x03\x04".padEnd(60, "\0"), "got a zip archive; unpack it first"],
    ["a sound", "RIFF....WAVEfmt ", "got a WAV sound; write speech:FILE to use a sound"],
    ["a PNG of a header alone", greyPng(8, 8, () => 1).slice(0, 33), "cannot be decoded as a picture"],
    [
      "a PNG cut off in its pixels",
      fileOf("PNG of 8 bits").subarray(0, 100),
      "cannot be decoded as a picture",
    ],
    [
      "a PNG with a wrong sum",
      fileOf("PNG of 8 bits").map((byte, at) => (at === 60 ? ~byte : byte)),
      "cannot be decoded",
    ],
    ["a PNG of too few rows", rawPng(8, 8, new Uint8Array(9)), "cannot be decoded as a picture"],
    ["a JPEG cut off", fileOf("JPEG").subarray(0, -60), "cannot be decoded as a picture"],
    [
      "a progressive JPEG cut off",
      fileOf("progressive JPEG").subarray(0, -60),
      "cannot be decoded as a picture",
    ],
    ["the first bytes of a JPEG", "\xff\xd8\xff\xe0", "cannot be decoded as a picture"],
    [
      "a PNG of no width",
      rawPng(0, 8, new Uint8Array(9)),
      "must have at least one pixel, got 0 × 8; save it again",
    ],
    [
      "a PNG of no pixels",
      rawPng(0, 0, new Uint8Array(1)),
      "must have at least one pixel, got 0 × 0; save it again",
    ],
    [
      "a PNG whose size was changed",
      greyPng(8, 8, () => 1).map((byte, at) => (at === 20 ? byte ^ 0x5a : byte)),
      "cannot be decoded as a picture, Input buffer has corrupt header; it is damaged or was cut short: save or load it again",
    ],
    [
      "a small file that claims to be huge",
      rawPng(100_000, 100_000, new Uint8Array(1000)),
      "must have at most 67108864 pixels, got 100000 × 100000; scale it down",
    ],
    ["one that claims as many rows as there can be", rawPng(1, 2 ** 31 - 1, new Uint8Array(10)), "picture"],
  ])("is refused in one line: %s", async (_, content, message) => {
    const bytes = typeof content === "string" ? Buffer.from(content, "latin1") : content;
    expect(await refusalOf(() => read(bytes))).toContain(message);
  });
});
