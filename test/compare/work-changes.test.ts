import { expect, test } from "vitest";
import { parseAcceptedWork, QUANTITIES, workChanges } from "../../src/compare/work-changes.ts";

const work = {
  pairs: 100,
  useful_flops: 6400,
  executed_flops: 8000,
  bytes: 2048,
  workspace_bytes: 512,
  saved_bytes: 9,
  state_bytes: 4096,
  gate_error: 1e-7,
};
const nothing = { accepted: new Set<never>() };

test("work that is the same to the last digit has not changed, and any other has", () => {
  expect(workChanges("a", work, { ...work }, nothing)).toEqual([]);
  for (const quantity of QUANTITIES) {
    const head = { ...work, [quantity]: work[quantity] * (1 + Number.EPSILON) };
    expect(workChanges("a", work, head, nothing)).toEqual([
      { case: "a", quantity, base: work[quantity], head: head[quantity], accepted: false },
    ]);
  }
});

test("what neither side knows has not changed; what one does not know has", () => {
  const unknown = { ...work, pairs: null };
  expect(workChanges("a", unknown, { ...unknown }, nothing)).toEqual([]);
  expect(workChanges("a", unknown, work, nothing)).toMatchObject([
    { quantity: "pairs", base: null, head: 100 },
  ]);
  expect(workChanges("a", work, unknown, nothing)).toMatchObject([
    { quantity: "pairs", base: 100, head: null },
  ]);
});

test("what one side was never asked for has not changed", () => {
  const { state_bytes: _, ...older } = work;
  expect(workChanges("a", older, work, nothing)).toEqual([]);
  expect(workChanges("a", { ...work, state_bytes: undefined }, work, nothing)).toEqual([]);
});

test("accepted quantities are listed as such, incomparable ones not at all", () => {
  const head = { ...work, bytes: 1, pairs: 1, gate_error: 1 };
  const settings = {
    accepted: parseAcceptedWork("bytes, workspace_bytes"),
    incomparable: new Set(["gate_error"] as const),
  };
  expect(workChanges("a", work, head, settings)).toMatchObject([
    { quantity: "pairs", accepted: false },
    { quantity: "bytes", accepted: true },
  ]);
});

test("accepted work is nothing, all, or what is named", () => {
  expect([...parseAcceptedWork(undefined)]).toEqual([]);
  expect([...parseAcceptedWork("")]).toEqual(QUANTITIES);
  expect([...parseAcceptedWork("bytes,bytes,pairs")]).toEqual(["bytes", "pairs"]);
  expect(() => parseAcceptedWork("byte")).toThrow(/unknown quantity of work 'byte'; expected one of pairs,/);
  expect(() => parseAcceptedWork("")).not.toThrow();
  expect(() => parseAcceptedWork("head.jsonl")).toThrow(/looks like a file; put the option after the files/);
});
