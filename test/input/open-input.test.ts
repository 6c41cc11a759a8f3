import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FailureError, UsageError } from "../../src/core/errors.ts";
import { shapeOf } from "../../src/core/shape.ts";
import { openInput } from "../../src/input/open-input.ts";
import { writeSafetensors } from "../../src/input/write-safetensors.ts";
import { floatBytes, npyHeader, rawNpy } from "./raw-files.ts";
import { refusalOf, thrownIn } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const shape = shapeOf({ batch: 1, heads: 1, length: 1, headDim: 2 });
const one = { shape: [1, 1, 1, 2], data: Float32Array.of(1, 2) };

describe("opening an input", () => {
  it.each(["gaussian", "peaked", "local"])("knows %s by its name and seeds it", async (kind) => {
    expect((await openInput(kind, 3)).name).toBe(kind);
    expect((await openInput(kind, 3)).inputs(shape)).toEqual((await openInput(kind, 3)).inputs(shape));
    expect((await openInput(kind, 4)).inputs(shape)).not.toEqual((await openInput(kind, 3)).inputs(shape));
  });

  it("opens a text, a safetensors file and a folder by their paths", async () => {
    expect((await openInput(`text:${folder.write("a.txt", "two words")}`, 0)).maxLength).toBe(2);
    const file = join(folder.path, "a.safetensors");
    writeSafetensors(file, { q: one, k: one, v: one });
    expect([...(await openInput(file, 0)).inputs(shape).q]).toEqual([1, 2]);
    mkdirSync(join(folder.path, "layer"));
    for (const name of ["q", "k", "v"]) {
      folder.write(join("layer", `${name}.npy`), rawNpy(npyHeader("<f4", one.shape), floatBytes(one.data)));
    }
    expect([...(await openInput(join(folder.path, "layer"), 0)).inputs(shape).v]).toEqual([1, 2]);
  });

  it.each<[string, string]>([
    [
      "gausian",
      "unknown input 'gausian'; expected one of gaussian, peaked, local, text:FILE, speech:FILE, image:FILE[,patch=16], graph:FILE, graph:smiles=CCO, FILE.safetensors, FILE.npz, an index of shards, a folder",
    ],
    ["", "unknown input ''; expected one of gaussian"],
    ["\u001b[2J", "unknown input '\\u{1b}[2J'"],
    ["n".repeat(5000), "unknown input 'nnn"],
    [`${"n".repeat(5000)}.safetensors`, "ENAMETOOLONG"],
    ["a\0b", "unknown input 'a\\u{0}b'"],
    ["missing.safetensors", "missing.safetensors: no such file or folder"],
    ["./missing", "./missing: no such file or folder"],
    ["text:missing.txt", "missing.txt: no such file or folder"],
    ["speech:missing.wav", "missing.wav: no such file or folder"],
    ["image:missing.png", "missing.png: no such file or folder"],
    ["graph:missing.txt", "missing.txt: no such file or folder"],
    ["graph:test", "test: must be a regular file, got a folder"],
    ["test", "must hold q.npy, k.npy and v.npy, got no q.npy"],
    [
      "package.json",
      "must end in .safetensors, .safetensors.index.json or .npz; save the tensors as safetensors, or write text:FILE for a text",
    ],
  ])("refuses %j in one line", async (spec, message) => {
    const wanted = message === "ENAMETOOLONG" ? FailureError : UsageError;
    expect(await thrownIn(() => openInput(spec, 0))).toBeInstanceOf(wanted);
    expect(await refusalOf(() => openInput(spec, 0))).toContain(message);
  });

  it("opens endings in capitals", async () => {
    const file = join(folder.path, "CAPTURED.SafeTensors");
    writeSafetensors(file, { q: one, k: one, v: one });
    expect((await openInput(file, 0)).maxLength).toBe(1);
    mkdirSync(join(folder.path, "capitals"));
    for (const name of ["q.NPY", "k.NPY", "v.npy"]) {
      folder.write(join("capitals", name), rawNpy(npyHeader("<f4", one.shape), floatBytes(one.data)));
    }
    expect((await openInput(join(folder.path, "capitals"), 0)).maxLength).toBe(1);
    expect(await refusalOf(() => openInput(folder.write("q.NPY", ""), 0))).toContain(
      "name the folder that holds q.npy",
    );
  });

  it("names a file of tensors that lies in a folder without arrays, and refuses names for what has none", async () => {
    mkdirSync(join(folder.path, "checkpoint"));
    folder.write("checkpoint/model.safetensors.index.json", "{}");
    folder.write("checkpoint/model-1.safetensors", "");
    expect(await refusalOf(() => openInput(join(folder.path, "checkpoint"), 0))).toMatch(
      /got no q\.npy; or name a file of it, such as .*checkpoint\/model\.safetensors\.index\.json$/,
    );
    expect(await refusalOf(() => openInput("gaussian", 0, "q,k,v"))).toBe(
      "--tensors: names tensors of a file, got the input gaussian; omit it",
    );
  });

  it("says what to do with a single .npy file", async () => {
    const file = folder.write("q.npy", rawNpy(npyHeader("<f4", one.shape), floatBytes(one.data)));
    expect(await refusalOf(() => openInput(file, 0))).toContain(
      "name the folder that holds q.npy, k.npy and v.npy",
    );
  });
});
