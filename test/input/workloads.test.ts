import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { workload } from "../../src/input/workloads.ts";
import { refusalOf } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const shape = shapeOf({ batch: 1, heads: 2, length: 512, headDim: 8 });
const opened = async (spec: string, seed = 0) => {
  const source = await workload(spec, seed);
  return source ?? expect.fail(`${spec} must be a workload`);
};

describe("a workload without a file", () => {
  it.each([
    ["text:", /^text: \d+ bytes → \d+ tokens, \d+ of them different → 1 × 2 heads of 8$/],
    ["speech:", /^speech: 8\.20 s → 818 frames of 80 → 1 × 2 heads of 8$/],
    ["image:", /^image: 64 × 64 → 4096 pixels × 3 → 1 × 2 heads of 8$/],
    ["graph:", /^graph: 512 nodes, \d+ edges → 1 × 2 heads of 8$/],
  ])("is the sample of its kind, long enough for 512 tokens: %s", async (spec, told) => {
    const source = await opened(spec);
    expect(source.told?.(shape)).toMatch(told);
    expect(source.name).toBe(`${spec}sample (untrained projections)`);
    const { q, k, v } = source.inputs(shape);
    for (const tensor of [q, k, v]) {
      const meanSquare = tensor.reduce((sum, value) => sum + value * value, 0) / tensor.length;
      expect(meanSquare).toBeGreaterThan(0.4);
      expect(meanSquare).toBeLessThan(2);
    }
    expect((await opened(spec, 1)).inputs(shape).q).not.toEqual(q);
    expect((await opened(spec)).inputs(shape)).toEqual({ shape, q, k, v });
  });

  it("is cut into patches as well", async () => {
    for (const spec of ["image:patch=8", "image:,patch=8"]) {
      expect(await opened(spec)).toMatchObject({ maxLength: 64, grid: { width: 8, height: 8 } });
    }
  });
});

describe("the spec of a workload", () => {
  it("is no other's", async () => {
    for (const spec of ["gaussian", "texts:a", "Text:a", "x.safetensors", "graph", ""]) {
      expect(await workload(spec, 0)).toBeNull();
    }
  });

  it("has a patch at its end alone, after a name that may have commas", async () => {
    const { greyPng } = await import("./image/raw-png.ts");
    const path = folder.write(
      "a,patch=3,b.png",
      greyPng(6, 6, (x) => x),
    );
    expect((await opened(`image:${path}`)).maxLength).toBe(36);
    expect((await opened(`image:${path},patch=3`)).maxLength).toBe(4);
  });

  it.each([
    ["no.png,foo=2", "foo=2"],
    ["foo=2", "foo=2"],
    [",width=8", "width=8"],
    ["no.png,patch=2,foo-bar=x", "foo-bar=x"],
  ])("refuses what is no option of a picture: image:%s", async (rest, option) => {
    expect(await refusalOf(() => workload(`image:${rest}`, 0))).toBe(
      `--input: a picture may be followed by patch=SIDE, got '${option}'; write image:FILE,patch=16, or omit it`,
    );
  });

  it("takes a picture whose name looks like an option, and says of another that it is not there", async () => {
    const { greyPng } = await import("./image/raw-png.ts");
    const path = folder.write(
      "a,size=3",
      greyPng(6, 6, (x) => x),
    );
    expect((await opened(`image:${path}`)).maxLength).toBe(36);
    expect(await refusalOf(() => workload("image:not=here/x.png", 0))).toContain("no such file or folder");
  });

  it("has SMILES in letters of any size, of which there must be some", async () => {
    for (const name of ["smiles", "SMILES", "Smiles"]) {
      expect((await opened(`graph:${name}=CCO`)).maxLength).toBe(3);
      expect(await refusalOf(() => workload(`graph:${name}=`, 0))).toBe(
        `${name}=: must hold a molecule, got none; write SMILES, such as CCO`,
      );
    }
  });

  it.each(["0", "-1", "1.5", "16px", "", "10000", "\u001b"])("refuses a patch of %j", async (patch) => {
    expect(await refusalOf(() => workload(`image:,patch=${patch}`, 0))).toMatch(
      /^--input: patch must be the side of squares of pixels, from 1 to 9999, got '.*'$/,
    );
  });
});
