import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { findTensor, openSafetensors } from "../../../src/input/safetensors.ts";
import { readTensor } from "../../../src/input/stored-tensor.ts";
import { PrivateFolders } from "../../../src/kernels/external/private-folder.ts";
import { TensorFile } from "../../../src/kernels/external/tensor-file.ts";

const place = mkdtempSync(join(tmpdir(), "attnbench-test-"));
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** No process has this number: Linux counts to 2^22. */
const NOBODY = 2 ** 22 + 1;

describe("a private folder", () => {
  it("is nobody else's to look into, and goes with its files", () => {
    const folders = new PrivateFolders([place]);
    const path = folders.pathFor("a.safetensors", 10);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
    expect(join(path, "..")).toContain(`attnbench-${process.pid}-`);
    folders.remove();
    expect(existsSync(join(path, ".."))).toBe(false);
  });

  it("is made where there is room, and in the last place if there is none", () => {
    const [first, last] = ["first", "last"].map((name) => join(place, name));
    for (const one of [first, last]) mkdirSync(one);
    const folders = new PrivateFolders([first, last]);
    expect(folders.pathFor("small", 10)).toContain(first);
    expect(folders.pathFor("huge", 2 ** 60)).toContain(last);
    expect(new PrivateFolders([join(place, "nowhere"), last]).pathFor("small", 10)).toContain(last);
    folders.remove();
  });

  it("of a process that was killed is removed by the next, and no other", () => {
    const here = join(place, "sweep");
    mkdirSync(here);
    const names = [`attnbench-${NOBODY}-abc`, `attnbench-${process.pid}-abc`, "attnbench-x-abc", "other"];
    for (const name of names) mkdirSync(join(here, name));
    const folders = new PrivateFolders([here]);
    folders.pathFor("a", 1);
    expect(readdirSync(here)).toEqual(expect.arrayContaining(names.slice(1)));
    expect(readdirSync(here)).not.toContain(names[0]);
    folders.remove();
  });
});

describe("a file of tensors", () => {
  const folders = new PrivateFolders([place]);
  afterAll(() => folders.remove());
  let count = 0;
  const fileOf = (dtype: "F32" | "F16" | "BF16", values: Float32Array, more: BigInt64Array | null = null) =>
    new TensorFile(folders, `${count++}.safetensors`, dtype, [
      { name: "out", sizes: [1, values.length], values },
      ...(more === null ? [] : [{ name: "starts", sizes: [more.length], values: more }]),
    ]);

  it("is what a reader of safetensors finds", () => {
    const file = fileOf("F32", new Float32Array([1, -2.5, Number.NaN]), new BigInt64Array([3n, 2n ** 40n]));
    const found = findTensor(openSafetensors(file.path), "out");
    expect(found).toMatchObject({ format: "F32", shape: [1, 3] });
    expect([...readTensor(found)]).toEqual([1, -2.5, Number.NaN]);
    file.close();
    expect(existsSync(file.path)).toBe(false);
  });

  it.each(["F32", "F16", "BF16"] as const)("gives back the numbers of %s that it was given", (dtype) => {
    const round = { F32: Math.fround, F16: (x: number) => Math.f16round(x), BF16: bfloat }[dtype];
    fc.assert(
      fc.property(fc.array(fc.float()), (numbers) => {
        const values = Float32Array.from(numbers, round);
        const file = fileOf(dtype, values);
        const again = values.map((one) => -one);
        file.write("out", again);
        const read = new Float32Array(values.length);
        file.read("out", read);
        file.close();
        expect([...read]).toEqual([...again]);
      }),
      { numRuns: 60 },
    );
  });

  it("that the other side cut off is refused", () => {
    const file = fileOf("F32", new Float32Array(8));
    truncateSync(file.path, 20);
    expect(() => file.read("out", new Float32Array(8))).toThrow(/must stay \d+ bytes, got 20/);
    file.close();
  });
});

/** The leading bits, which are a number of that precision. */
function bfloat(x: number): number {
  const words = new Uint32Array(new Float32Array([x]).buffer);
  words[0] &= 0xffff0000;
  const [kept] = new Float32Array(words.buffer);
  return kept;
}
