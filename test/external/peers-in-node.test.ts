import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { biasOf, someKey } from "../../src/kernels/external/peers/bias.ts";
import { headsFirst, tokensFirst } from "../../src/kernels/external/peers/layout.ts";
import { onnxBytes } from "../../src/kernels/external/peers/onnx-model.ts";
import { PEERS, peerName, programOfPeer, whyNoPeer } from "../../src/kernels/external/peers.ts";
import { Dialogue, type Line } from "./dialogue.ts";
import { attended, expectNear } from "./plain-attention.ts";
import { caseOf, numbersOf, SharedCase, unwritten } from "./shared-case.ts";

const IN_NODE = PEERS.filter(({ runtime }) => runtime === "node");

/** What stands in the place of each package: as much of it as a peer takes until it is asked for a case. */
const FAKES: Readonly<Record<string, string>> = {
  "onnxruntime-node": `{ env: { versions: { node: "1.2.3" } } }`,
  "@tensorflow/tfjs": `{ version: { "tfjs-core": "4.5.6" }, setBackend: async (name) => name === "wasm" }`,
  "@tensorflow/tfjs-backend-wasm": `{ version_wasm: "7.8.9" }`,
  "@tensorflow/tfjs-node": `{ version: { "tfjs-core": "4.5.6" }, setBackend: async (name) => name === "tensorflow" }`,
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "attnbench-test-"));
  mkdirSync(join(folder, "empty"));
  for (const [name, code] of Object.entries(FAKES)) {
    const path = join(folder, "fakes/node_modules", name);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "index.js"), `module.exports = ${code};\n`);
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What a peer answers to these requests, one after the other, with the packages of a folder. */
function answersOf(id: string, where: string, ...requests: readonly Line[]) {
  const [command, ...words] = programOfPeer(`peer:${id}`).words;
  const input = requests.map((request, at) => `${JSON.stringify({ id: at, ...request })}\n`).join("");
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd: join(folder, where),
    encoding: "utf8",
    input,
  });
  const lines = stdout.split("\n").filter((line) => line !== "");
  return { status, stderr, answers: lines.map((line) => (JSON.parse(line) as { ok: unknown }).ok) };
}

const HELLO = { request: "hello", protocol: [1], attnbench: "0" };

describe("an ONNX model", () => {
  it("is these bytes: an operator, its numbers, and tensors with their sizes", () => {
    const bytes = onnxBytes({
      operator: "Op",
      ints: { n: 300 },
      floats: { s: 0.5 },
      inputs: [{ name: "x", type: "float32", shape: [2] }, null],
      outputs: [],
    });
    const microsoft = "636f6d2e6d6963726f736f6674";
    const node = [
      ...["0a0178", "0a00", "22024f70"],
      ...["2a090a016e18ac02a00102", "2a0b0a0173150000003fa00101", `3a0d${microsoft}`],
    ].join("");
    const graph = `0a30${node}12024f705a0f0a0178120a0a08080112040a020802`;
    const opsets = `42040a00101142110a0d${microsoft}1001`;
    expect(Buffer.from(bytes).toString("hex")).toBe(`080812096174746e62656e63683a47${graph}${opsets}`);
  });

  it("has whole numbers of seven bits a byte, and outputs beside inputs", () => {
    const bytes = onnxBytes({
      ...{ operator: "Op", ints: {}, floats: {}, inputs: [] },
      outputs: [{ name: "y", type: "int32", shape: [127, 128, 2 ** 40] }],
    });
    const sizes = ["0a02087f", "0a03088001", "0a0708808080808020"].join("");
    expect(Buffer.from(bytes).toString("hex")).toContain(`621d0a017912180a1608061212${sizes}`);
  });
});

describe("what is made of a case's tensors", () => {
  it("puts tokens before heads, and back", () => {
    const sizes = { batch: 2, heads: 2, rows: 3, width: 1 };
    const from = Float32Array.from({ length: 12 }, (_, at) => at);
    const there = new Float32Array(12);
    tokensFirst(from, there, sizes);
    expect([...there]).toEqual([0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]);
    const back = new Float32Array(12);
    headsFirst(there, back, sizes);
    expect(back).toEqual(from);
  });

  it("adds nothing where a pair is attended, and -∞ elsewhere, for all heads or for each", async () => {
    const mask = async () => Uint8Array.of(1, 0, 0, 1, 1, 1);
    const { values, shape } = await biasOf({ mask, queries: 2, length: 3 });
    expect(shape).toEqual([1, 1, 2, 3]);
    expect([...values]).toEqual([0, -Infinity, -Infinity, 0, 0, 0]);
    expect((await biasOf({ mask, queries: 1, length: 3 })).shape).toEqual([1, 2, 1, 3]);
  });

  it("refuses a query that attends nothing, where softmax is NaN", async () => {
    const mask = async () => Uint8Array.of(1, 0, 0, 0);
    await expect(biasOf({ mask, queries: 2, length: 2 })).rejects.toThrow("query 1 attends nothing");
    const { length } = caseOf();
    const asked = { causal: true, queries: length + 1, length };
    expect(someKey(asked)).toMatch(/first queries attend nothing/);
    expect(someKey({ ...asked, causal: false })).toBe(true);
  });
});

describe.each(IN_NODE.map((peer) => [peer.id, peer] as const))("the peer %s", (id, { kernels, packages }) => {
  it("brings the kernels of the table, and says the versions of the user's packages", () => {
    const [told] = answersOf(id, "fakes", HELLO).answers as [
      { kernels: { id: string }[]; details: Record<string, string> },
    ];
    expect(told.kernels.map((one) => one.id)).toEqual(kernels);
    expect(Object.values(told.details).join()).toMatch(/1\.2\.3|4\.5\.6/);
  });

  it("says in one line what is missing, and what to type", () => {
    const { status, stderr, answers } = answersOf(id, "empty", HELLO);
    expect({ status, answers }).toEqual({ status: 1, answers: [] });
    expect(stderr).toBe(`Cannot find module '${packages[0]}'\n`);
    const why = whyNoPeer(`peer:${id}`, `it ended; its log ends in: ${stderr.trim()}`);
    expect(why).toContain(`needs ${packages[0]}, which ${process.cwd()} does not have; npm install `);
    expect(why).toContain(packages.join(" "));
  });
});

test("a case is refused where an operator is defined for another", () => {
  const supports = (kernel: string, told: object) => ({
    ...{
      request: "supports",
      kernel,
      case: caseOf({ pattern: "everything", head_dim: 8, value_dim: 8, ...told }),
    },
  });
  const { answers } = answersOf(
    "onnxruntime",
    "fakes",
    supports("onnx-mha", {}),
    supports("onnx-mha", { pattern: "band(1, 1)" }),
    supports("onnx-mha", { causal: true, queries: 2 }),
    supports("onnx-mha", { scale: 0 }),
    supports("onnx-mha-mask", { pattern: "band(1, 1)" }),
    supports("onnx-gqa", {}),
    supports("onnx-gqa", { causal: true }),
    supports("onnx-gqa", { causal: true, pattern: "band(1, 1)" }),
    supports("onnx-gqa", { causal: true, pattern: "comb(2)" }),
    supports("onnx-gqa", { causal: true, head_dim: 4, value_dim: 4 }),
  );
  expect(answers).toEqual([
    true,
    expect.stringContaining("onnx-mha-mask takes any"),
    expect.stringContaining("as many queries as keys"),
    expect.stringContaining("a scale of 0"),
    true,
    expect.stringContaining("it is causal"),
    true,
    true,
    expect.stringContaining("those of a window, got comb(2)"),
    expect.stringContaining("a multiple of 8, got 4"),
  ]);
  const threads = answersOf("tfjs-wasm", "fakes", supports("tfjs-wasm", { threads: 2 })).answers;
  expect(threads).toEqual(["its threads are 1, got 2; in Node its backend has no more"]);
});

const real = process.env.ATTNBENCH_NODE_PEERS ?? null;
if (real === null) {
  console.log("peers in Node are not run: name a folder that has their packages by ATTNBENCH_NODE_PEERS");
}

describe.skipIf(real === null)("with the packages of a folder", () => {
  test.each(IN_NODE.flatMap((peer) => peer.kernels.map((kernel) => [kernel, peer] as const)))(
    "%s computes what its case says, before and after new numbers",
    async (kernel, peer) => {
      const { words } = programOfPeer(peerName(peer));
      const dialogue = new Dialogue(words, {}, real ?? undefined);
      const shared = new SharedCase(dialogue);
      const grouped = kernel === "onnx-gqa";
      const [shape, kvShape] = [
        [2, 4, 5, 8],
        [2, grouped ? 2 : 4, 5, 8],
      ];
      const qkv = { q: numbersOf(shape, 1), k: numbersOf(kvShape, 2), v: numbersOf(kvShape, 3) };
      const upTo = [1, 2, 3, 4, 5].map((to) => [0, to]);
      const told = { pattern: "everything", causal: true, batch: 2, heads: 4, kv_heads: kvShape[1] };
      const sizes = { length: 5, queries: 5, head_dim: 8, value_dim: 8 };
      const data = caseOf({ ...told, ...sizes });
      try {
        const { call, answer } = await shared.prepare(kernel, data, qkv, unwritten(shape), [upTo]);
        expect(answer).toEqual({ ok: {} });
        expectNear((await shared.output(call)).out, attended(qkv, [upTo]));
        const others = { ...qkv, v: numbersOf(kvShape, 7) };
        shared.write(call, others);
        expect(await dialogue.ask("load", { call })).toEqual({ ok: {} });
        expectNear((await shared.output(call)).out, attended(others, [upTo]));
        expect(await dialogue.ask("dispose", { call })).toEqual({ ok: {} });
      } catch (thrown) {
        // A package of it that is not in the folder is said, and is no failure.
        if (!/Cannot find module '(onnxruntime-node|@tensorflow)/.test(String(thrown))) throw thrown;
        console.log(`not in ${real}: ${peer.packages.join(", ")}`);
        return;
      } finally {
        shared.remove();
      }
      expect((await dialogue.end()).code).toBe(0);
    },
  );
});
