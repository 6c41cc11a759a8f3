import { expect, test } from "vitest";
import type { Variant } from "../../../src/core/variant.ts";
import type { LoadedSubject } from "../../../src/gate/block/load-subject.ts";
import { openInput } from "../../../src/input/open-input.ts";
import { js } from "../../../src/kernels/js/index.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import { simpleKernel } from "../../../src/kernels/simple-kernel.ts";
import { pairedCells } from "../../../src/library/gate-session/cells.ts";
import type { TypedChoices } from "../../../src/library/plan-options.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { isSoftmaxPattern, softmaxPattern } from "../../../src/mechanisms/softmax-pattern/declare.ts";
import { band } from "../../../src/pattern/band.ts";
import { variants } from "../../../variants/index.ts";
import { refusal } from "../../input/refusal.ts";

const source = await openInput("gaussian", 1);
const typed: TypedChoices = { lengths: "16", headDim: "4", causal: false };
const close = async () => {};
const checkout: LoadedSubject = { variants, kernels: [js], kinds: builtInKinds, brought: null, close };

function variant(id: string): Variant {
  const pattern = () => band(2, 0);
  return softmaxPattern({ id, title: id, source: "here", params: {}, pattern, exponent: () => 1 });
}
const kernel = (id: string, supports: Kernel["supports"] = () => true): Kernel =>
  simpleKernel({ id, supports: (task) => supports(task), prepare: () => () => {} });

/** A checkout with a plug-in on top. */
function plugin(brought: { variants?: Variant[]; kernels?: Kernel[] }): LoadedSubject {
  const { variants: own = [], kernels = [] } = brought;
  const code = { name: "mine.ts", code: {} };
  return {
    variants: [...variants, ...own],
    kernels: [js, ...kernels],
    kinds: builtInKinds,
    brought: { variants: own, kernels, kinds: [], code },
    close,
  };
}

const cellsOf = (sides: LoadedSubject[], change: Partial<TypedChoices> = {}, patterns: string[] = []) =>
  pairedCells(sides, { ...typed, ...change }, patterns, source);
const told = (cells: ReturnType<typeof cellsOf>) =>
  cells.map((one) => `${one.variant} ${one.kernel} ${one.length}`);

test("of two checkouts all cells of the core that a kernel supports, each once, at short lengths where none are typed", () => {
  const core = variants.filter(({ tags }) => tags.includes("core")).map(({ id }) => id);
  const cells = cellsOf([checkout, checkout], { lengths: undefined });
  expect(new Set(cells.map((one) => one.case)).size).toBe(cells.length);
  expect(new Set(cells.map((one) => one.variant))).toEqual(new Set(core));
  expect(new Set(cells.map((one) => one.length))).toEqual(new Set([256, 1024]));
  for (const { unsupported } of cells) expect(unsupported).toBeNull();
});

test("of a plug-in what it brings: its variants by every kernel, every variant by its kernels", () => {
  const mine = plugin({ variants: [variant("mine")] });
  expect(told(cellsOf([mine, mine]))).toEqual(["mine js 16"]);
  const fast = plugin({
    kernels: [kernel("fast", ({ mechanism }) => isSoftmaxPattern(mechanism) || "no")],
  });
  const cells = cellsOf([fast, fast]);
  expect(new Set(cells.map((one) => one.kernel))).toEqual(new Set(["fast"]));
  expect(cells.length).toBeGreaterThan(3);
  // Of what is named, too: the rest is the same on both sides.
  expect(told(cellsOf([mine, mine], { variants: "full,mine" }))).toEqual(["mine js 16"]);
  expect(told(cellsOf([fast, fast], { variants: "local" }))).toEqual(["local fast 16"]);
  expect(told(cellsOf([fast, fast], { variants: "local", kernel: "js,fast" }))).toEqual(["local fast 16"]);
});

test("what one side alone has is measured, base's first, and so found missing or new", () => {
  const [base, head] = ["was", "is"].map((id) => plugin({ variants: [variant(id), variant("both")] }));
  expect(told(cellsOf([base, head]))).toEqual(["was js 16", "both js 16", "is js 16"]);
  expect(told(cellsOf([base, head], { variants: "was" }))).toEqual(["was js 16"]);
  expect(told(cellsOf([base, head], { variants: "is" }))).toEqual(["is js 16"]);
});

test("what neither side knows is refused, as by a run", () => {
  expect(refusal(() => cellsOf([checkout, checkout], { variants: "nope" }))).toMatch(
    /unknown variant 'nope'/,
  );
  expect(refusal(() => cellsOf([checkout, checkout], { kernel: "nope" }))).toMatch(/unknown kernel 'nope'/);
  expect(refusal(() => cellsOf([checkout, checkout], { lengths: "0" }))).toMatch(
    /--lengths: a length must be/,
  );
  expect(refusal(() => cellsOf([checkout, checkout], {}, ["nope"]))).toMatch(/--cells: must match a cell/);
  const never = plugin({ kernels: [kernel("never", () => "not today")] });
  expect(refusal(() => cellsOf([never, never]))).toMatch(
    /a cell must be supported by its kernel, got none of all/,
  );
});

test("cells are chosen by name", () => {
  const cells = cellsOf([checkout, checkout], { variants: "full,local,linear" }, ["lo*", "linear*"]);
  expect(cells.map((one) => one.variant)).toEqual(["local", "linear"]);
});
