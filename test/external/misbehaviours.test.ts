import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { Dialogue } from "./dialogue.ts";
import { MODES } from "./misbehaving/misbehaving.ts";
import { MISBEHAVIOURS } from "./misbehaving/misbehaviours.ts";
import { attended, expectNear } from "./plain-attention.ts";
import { caseOf, numbersOf, SharedCase, unwritten } from "./shared-case.ts";

test("every misbehaviour is told what must come of it", () => {
  expect(MISBEHAVIOURS.map(({ mode }) => mode).sort()).toEqual([...MODES].sort());
});

// What a mode is refused for is then what it does wrong, and nothing else.
test("a program that does nothing wrong computes what is right", async () => {
  const program = join(import.meta.dirname, "misbehaving/misbehaving.ts");
  const dialogue = new Dialogue([process.execPath, program, "none"]);
  const shared = new SharedCase(dialogue);
  try {
    const shape = [1, 2, 4, 2];
    const qkv = { q: numbersOf(shape, 1), k: numbersOf(shape, 2), v: numbersOf(shape, 3) };
    const pattern = [[[0, 2], [0, 1, 2, 3], [1, 4], []]];
    const { call, answer } = await shared.prepare(
      "stand-in",
      caseOf({ heads: 2 }),
      qkv,
      unwritten(shape),
      pattern,
    );
    expect(answer).toEqual({ ok: {} });
    const { answers, out } = await shared.output(call);
    expect(answers[1]).toEqual({ ok: { dtype: "float32", shape } });
    expectNear(out, attended(qkv, pattern));
  } finally {
    shared.remove();
    expect((await dialogue.end()).code).toBe(0);
  }
});
