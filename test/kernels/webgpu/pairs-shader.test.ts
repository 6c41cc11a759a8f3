import { describe, expect, it } from "vitest";
import { type TileShader, tileShader } from "../../../src/kernels/webgpu/pairs/tile-shader.ts";
import { tileSizeFor } from "../../../src/kernels/webgpu/pairs/tile-size.ts";

/** Bytes of what shaders have in workgroup memory. */
const BYTES: Readonly<Record<string, number>> = { vec4f: 16, f32: 4, u32: 4, i32: 4, "atomic<u32>": 4 };

const SIZES = [32_768, 16_384].map((workgroupBytes) => ({
  workgroupBytes,
  size: tileSizeFor(workgroupBytes),
}));
const WIDTHS = [1, 7, 32, 64, 80, 128, 200, 256, 300];

const shaders: readonly TileShader[] = SIZES.flatMap(({ size }) =>
  WIDTHS.map((width) => ({
    size,
    headDim: width,
    valueDim: width,
    rows: "float32",
    values: "float32",
    biased: true,
    normaliser: "softmax",
    builtInPowers: false,
  })),
);

describe("the shader of pairs", () => {
  it("takes the larger tiles where a device has 32 KiB of workgroup memory", () => {
    expect(tileSizeFor(32_768).keys).toBe(64);
    expect(tileSizeFor(49_152)).toBe(tileSizeFor(32_768));
    expect(tileSizeFor(32_767).keys).toBe(32);
  });

  it("has room in the workgroup memory that its tiles are for, whatever the width of a head", () => {
    for (const shader of shaders) {
      const bytes = [
        ...tileShader(shader).matchAll(/var<workgroup> \w+: (?:array<(\w+), (\d+)>|(atomic<u32>));/g),
      ].reduce(
        (sum, [, element, count, alone]) =>
          sum + BYTES[alone ?? element] * (alone === undefined ? Number(count) : 1),
        0,
      );
      expect(bytes).toBeGreaterThan(shader.size.bytes / 2);
      expect(bytes).toBeLessThanOrEqual(shader.size.bytes);
    }
  });

  it("asks for no more buffers than every device has", () => {
    for (const shader of shaders) {
      expect(tileShader(shader).match(/var<storage/g)?.length).toBeLessThanOrEqual(8);
    }
  });
});
