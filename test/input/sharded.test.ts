import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { openInput } from "../../src/input/open-input.ts";
import { writeSafetensors } from "../../src/input/write-safetensors.ts";
import { refusalOf } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const tensor = (value: number) => ({ shape: [1, 1, 2, 1], data: Float32Array.of(value, value) });
const first = join(folder.path, "model-00001-of-00002.safetensors");
const second = join(folder.path, "model-00002-of-00002.safetensors");

function index(map: Record<string, unknown>, metadata: unknown = { total_size: 24 }): string {
  return folder.write("model.safetensors.index.json", JSON.stringify({ metadata, weight_map: map }));
}

const map = {
  "a.q": "model-00001-of-00002.safetensors",
  "a.k": "model-00001-of-00002.safetensors",
  "a.v": "model-00002-of-00002.safetensors",
  gone: "model-00003-of-00002.safetensors",
  lost: "model-00002-of-00002.safetensors",
};

describe("an index of shards", () => {
  writeSafetensors(first, { "a.q": tensor(1), "a.k": tensor(2) }, { scale: "0.5" });
  writeSafetensors(second, { "a.v": tensor(3) });

  it("finds tensors in the shards that it names, and what is said of their call there", async () => {
    const path = index(map);
    const source = await openInput(path, 0, "a.{q,k,v}");
    const { q, k, v } = source.inputs(shapeOf({ batch: 1, heads: 1, length: 1, headDim: 1 }));
    expect([...q, ...k, ...v]).toEqual([1, 2, 3]);
    expect(source.call?.scale).toBe(0.5);
    expect(source.files).toEqual(expect.arrayContaining([path, first, second]));
    expect(await refusalOf(() => openInput(path, 0))).toContain("name them with --tensors 'a.{q,k,v}'");
  });

  it("is refused where its shards say two things of one call", async () => {
    writeSafetensors(second, { "a.v": tensor(3) }, { scale: "0.25" });
    expect(await refusalOf(() => openInput(index(map), 0, "a.{q,k,v}"))).toContain(
      "scale must be the same for q, k and v",
    );
    writeSafetensors(second, { "a.v": tensor(3) });
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ["a shard that is not there", map, "{gone,a.k,a.v}", "model-00003-of-00002.safetensors: no such file"],
    ["a tensor that its shard lacks", map, "{a.q,a.k,lost}", "must hold a tensor 'lost', got a.v"],
    [
      "a shard elsewhere",
      { ...map, x: "../../etc/passwd" },
      "a.{q,k,v}",
      "must be a file next to the index, got '../../etc/passwd'",
    ],
    [
      "a shard by its whole path",
      { ...map, x: "/etc/passwd" },
      "a.{q,k,v}",
      "must be a file next to the index",
    ],
    ["its folder for a shard", { ...map, x: ".." }, "a.{q,k,v}", "must be a file next to the index"],
    ["a shard that is no name", { ...map, x: 3 }, "a.{q,k,v}", "must hold weight_map"],
  ])("is refused with %s", async (_, names, tensors, message) => {
    expect(await refusalOf(() => openInput(index(names), 0, tensors))).toContain(message);
  });

  it.each<[string, string, string]>([
    ["an empty object", "{}", "must hold weight_map"],
    ["nothing", "", "must be an index of shards, got an empty file"],
    ["a page", "<!doctype html>", "got a web page"],
    ["half an object", "{", "an index must be JSON"],
    ["a deep list", "[".repeat(1e6), "nest at most 128 levels"],
  ])("is refused where it is %s", async (_, text, message) => {
    const path = folder.write("odd.safetensors.index.json", text);
    expect(await refusalOf(() => openInput(path, 0))).toContain(message);
  });
});
