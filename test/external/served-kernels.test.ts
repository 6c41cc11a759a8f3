import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Dialogue } from "./dialogue.ts";
import { attended, expectNear } from "./plain-attention.ts";
import { caseOf, numbersOf, SharedCase, unwritten } from "./shared-case.ts";

const shape = [1, 1, 4, 2];
const qkv = { q: numbersOf(shape, 1), k: numbersOf(shape, 2), v: numbersOf(shape, 3) };
const near = [[0, 2], [0, 3], [1, 4], []];
let dialogue: Dialogue;
let shared: SharedCase;

beforeAll(() => {
  dialogue = new Dialogue([process.execPath, join(import.meta.dirname, "programs/served.ts")]);
  shared = new SharedCase(dialogue);
});

afterAll(async () => {
  shared.remove();
  const { code, log } = await dialogue.end();
  expect(code).toBe(0);
  for (const words of [
    "printed in prepare",
    "the drawer is empty",
    "RangeError: a reason\nin two lines\n    at ",
  ]) {
    expect(log).toContain(words);
  }
});

const prepare = (kernel: string, told = {}) =>
  shared.prepare(kernel, caseOf(told), qkv, unwritten(shape), [near]);

test("a program says what it is, and leaves out what it does not know", async () => {
  expect((await dialogue.ask("hello", { protocol: [1, 2], attnbench: "0" })).ok).toEqual({
    ...{ protocol: 1, name: "a drawer", clock: "performance.now" },
    details: { node: process.version, made: "of wood" },
    kernels: [
      {
        ...{ id: "plain-softmax", kinds: ["softmaxPattern"], freedoms: ["kvHeads", "queries", "valueDim"] },
        ...{ nan_safe: true, assumed_rate: 1e8 },
      },
      { id: "in-parts", title: "A device of its own", device: "a drawer", details: { drawer: "upper" } },
      { id: "waits" },
      { id: "trains", passes: ["forward", "train"] },
      { id: "fails" },
    ],
  });
  expect(await dialogue.ask("hello", { protocol: [2], attnbench: "0" })).toEqual({
    error: "the program speaks version 1, attnbench [2]",
  });
});

test("a kernel computes what a pattern's mask says, before and after new numbers", async () => {
  const { call, answer, needs } = await prepare("plain-softmax");
  expect({ answer, needs }).toEqual({ answer: { ok: {} }, needs: ["ranges"] });
  const { answers, out } = await shared.output(call);
  expect(answers).toEqual([
    { ok: { wall: expect.any(Number), device: null } },
    { ok: { dtype: "float32", shape } },
  ]);
  expectNear(out, attended(qkv, [near]));
  const others = { ...qkv, q: numbersOf(shape, 5) };
  shared.write(call, others);
  expect(await dialogue.ask("load", { call })).toEqual({ ok: {} });
  expectNear((await shared.output(call)).out, attended(others, [near]));
});

test("a kernel computes heads that share keys and differ in their patterns", async () => {
  const given = {
    ...{ q: numbersOf([2, 4, 3, 2], 1), k: numbersOf([2, 2, 5, 2], 2), v: numbersOf([2, 2, 5, 3], 3) },
  };
  const pattern = [0, 1, 2, 3].map((head) => [[0, 1 + head], [], [0, 1, 3, 5]]);
  const data = caseOf({ batch: 2, heads: 4, kv_heads: 2, length: 5, queries: 3, value_dim: 3 });
  const { call } = await shared.prepare("plain-softmax", data, given, unwritten([2, 4, 3, 3]), pattern);
  expectNear((await shared.output(call)).out, attended(given, pattern));
});

test("a call in parts is loaded, started, waited for and fetched, each outside of the others", async () => {
  const { call } = await prepare("in-parts");
  // It is started once while it is prepared, and the drawer then holds twice as much each time.
  const doubled = (times: number) => [...qkv.q.data].map((number) => 2 ** times * number);
  expectNear((await shared.output(call)).out, doubled(2));
  expect(await dialogue.ask("load", { call })).toEqual({ ok: {} });
  const { ok } = await dialogue.ask("run", { call, calls: 3 });
  expect(ok).toEqual({ wall: expect.any(Number), device: null });
  expectNear((await shared.output(call)).out, doubled(4));
  expect(await dialogue.ask("dispose", { call })).toEqual({ ok: {} });
  expect(await dialogue.ask("run", { call, calls: 1 })).toEqual({ error: `call ${call} is not prepared` });
});

test("a kernel may be waited for, and asks for its pattern once", async () => {
  const { call, needs } = await prepare("waits");
  expect(needs).toEqual(["csr"]);
  const { answers, out } = await shared.output(call);
  expect((answers[0].ok as { wall: number }).wall).toBeGreaterThan(0);
  expect([...out]).toEqual(Array(8).fill(2 + 3 + 3));
});

test("a kernel that trains reads dout, and writes its gradients after the output", async () => {
  const forward = await prepare("trains", { pass: "forward", gradients: [] });
  expect([...(await shared.output(forward.call)).out]).toEqual(Array(8).fill(0));
  const wide = numbersOf([1, 1, 5, 3], 3);
  const inputs = {
    ...qkv,
    k: numbersOf([1, 1, 5, 2]),
    v: wide,
    dout: { ...qkv.q, data: new Float32Array(8).fill(2) },
  };
  const gradients = { dq: unwritten(shape), dk: unwritten([1, 1, 5, 2]), dv: unwritten([1, 1, 5, 3]) };
  const asked = caseOf({ pass: "train", gradients: ["q", "k", "v"], length: 5, value_dim: 3 });
  const { call } = await shared.prepare("trains", asked, inputs, unwritten(shape), [near], gradients);
  const { answers, out } = await shared.output(call);
  expect(answers[1]).toEqual({
    ok: {
      dtype: "float32",
      shape,
      gradients: { dq: [1, 1, 4, 2], dk: [1, 1, 5, 2], dv: [1, 1, 5, 3] },
    },
  });
  expect(out).toEqual(qkv.q.data);
  for (const name of ["q", "k", "v"] as const) {
    expect(shared.tensor(call, `d${name}`)).toEqual(inputs[name].data.map((x) => 2 * x));
  }
});

test.each([
  ["prepare", { error: "a reason" }],
  ["nothing", { error: "prepare must return the function that computes, got undefined" }],
])("a case that cannot be prepared says why in one line: %s", async (where, answer) => {
  expect((await prepare("fails", { params: { where } })).answer).toEqual(answer);
});

test("a call that fails says why, and the program goes on", async () => {
  const { call } = await prepare("fails");
  expect(await dialogue.ask("run", { call, calls: 1 })).toEqual({ error: "out of luck" });
  expect((await prepare("plain-softmax")).answer).toEqual({ ok: {} });
});

test("a case is supported unless a kernel says why not", async () => {
  const supports = (kernel: string, told: object) =>
    dialogue.ask("supports", { kernel, case: caseOf({ ...told }) });
  expect(await supports("plain-softmax", { head_dim: 4 })).toEqual({ ok: true });
  expect(await supports("plain-softmax", { head_dim: 8 })).toEqual({ ok: "head_dim must be below 8" });
  expect(await supports("waits", {})).toEqual({ ok: true });
  expect(await supports("other", {})).toEqual({
    error: 'kernel must be one of plain-softmax, in-parts, waits, trains, fails, got "other"',
  });
});

test("a pattern that is not given, or that a kind has not, is told by its reason", async () => {
  const refused = await shared.prepare("plain-softmax", caseOf(), qkv, unwritten(shape));
  expect(refused.answer).toEqual({ error: "it is too long" });
  expect((await prepare("plain-softmax", { pattern: null, kind: "featureMap" })).answer).toEqual({
    error: "ranges: featureMap has no pattern",
  });
});

test("an interrupt and a request that nobody knows do not end it", async () => {
  process.kill(dialogue.pid ?? 0, "SIGINT");
  expect(await dialogue.ask("sing")).toEqual({ error: 'request must be one of the protocol\'s, got "sing"' });
});
