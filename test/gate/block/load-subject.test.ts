import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FailureError, UsageError } from "../../../src/core/errors.ts";
import { loadArm, loadJudges, SideLost } from "../../../src/gate/block/load-arm.ts";
import { loadSubject } from "../../../src/gate/block/load-subject.ts";
import { INTERFACE } from "../../../src/kernels/index.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { loadPlugin } from "../../../src/plugins/load-plugin.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";
import { spinModule } from "../stand-in.ts";

const folder = scratchFolder();
const root = join(import.meta.dirname, "../../..");
const module = folder.write("spin.mjs", spinModule());

test("a checkout brings what is built in and nothing beside it", async () => {
  const { variants, kernels, brought } = await loadSubject({ root, module: null }, "auto", "base");
  expect(brought).toBeNull();
  expect(variants.map(({ id }) => id)).toContain("longformer");
  expect(kernels.map(({ id }) => id)).toEqual(expect.arrayContaining(["wasm", "js"]));
});

test("what a plug-in brings stands after what is built in, and apart", async () => {
  const { variants, kernels, brought } = await loadSubject({ root, module }, "auto", "base");
  const plain = await loadSubject({ root, module: null }, "auto", "base");
  expect(brought?.variants).toEqual([]);
  expect(brought?.kernels.map(({ id }) => id)).toEqual(["spin"]);
  expect(variants).toEqual(plain.variants);
  expect(kernels.map(({ id }) => id)).toEqual([...plain.kernels.map(({ id }) => id), "spin"]);
});

test("a plug-in is loaded anew for each name, so that sides share no state", async () => {
  const counting = folder.write(
    "counting.mjs",
    `let calls = 0;
export const kernels = [{ id: "counting", title: "c", supports: () => "call " + ++calls, prepare: () => null }];`,
  );
  const ask = async (label: string) => {
    const { brought } = await loadSubject({ root, module: counting }, "auto", label);
    return brought?.kernels[0].supports(undefined as never);
  };
  expect(await ask("base")).toBe("call 1");
  expect(await ask("head")).toBe("call 1");
  expect(await ask("twin")).toBe("call 1");
  // The same name is the same module, and no name is another.
  expect(await ask("base")).toBe("call 2");
  expect((await loadPlugin(counting)).kernels[0].supports(undefined as never)).toBe("call 1");
});

test("base's kinds judge without opening what its kernels compute on", async () => {
  const device = folder.write(
    "device.mjs",
    `globalThis.opened ??= 0;
export const kernels = [{
  id: "device", title: "d", prepare: () => null,
  supports: () => "it was opened " + globalThis.opened + " times",
  open: async () => { globalThis.opened++; return true; },
}];`,
  );
  const judges = await loadJudges({ root, module: device });
  expect(judges.judged({ mechanism: { kind: "featureMap" } }).kind.id).toBe("featureMap");
  const { brought } = await loadSubject({ root, module: device }, "auto", "base");
  expect(brought?.kernels[0].supports({} as never)).toBe("it was opened 1 times");
});

test("a kernel that runs only where it is named is opened if it is, and ended with its side", async () => {
  const place = join(folder.path, "on-demand");
  for (const part of ["src/kernels", "variants"]) mkdirSync(join(place, part), { recursive: true });
  folder.write("on-demand/package.json", '{"type":"module"}');
  folder.write("on-demand/variants/index.js", "export const variants = [];");
  folder.write(
    "on-demand/src/kernels/index.js",
    `globalThis.states = [];
const say = (state) => async () => { globalThis.states.push(state); return true; };
export const INTERFACE = ${INTERFACE};
export const builtInKernels = () => [];
export const kernelsOnDemand = () => [{
  id: "gpu", title: "g", onDemand: true, supports: () => true, prepare: () => null, open: say("open"), close: say("closed"),
}];`,
  );
  const states = () => (globalThis as { states?: string[] }).states;
  const unnamed = await loadSubject({ root: place, module: null }, "auto", "base", ["js"]);
  expect(unnamed.kernels[0].supports({} as never)).toMatch(/^it is opened only where it is named; ask for/);
  await unnamed.close();
  expect(states()).toEqual([]);
  const arm = await loadArm("base", { root: place, module: null }, "auto", builtInKinds, ["gpu"]);
  expect(states()).toEqual(["open"]);
  await arm.end();
  expect(states()).toEqual(["open", "closed"]);
});

test("a version whose kernels have another interface is refused in one line, before anything is asked of them", async () => {
  const later = join(folder.path, "later");
  for (const place of ["src/kernels", "variants"]) mkdirSync(join(later, place), { recursive: true });
  folder.write("later/package.json", '{"type":"module"}');
  const kernels = "export const builtInKernels = () => { throw new Error('asked'); };";
  folder.write("later/src/kernels/index.js", `${kernels} export const INTERFACE = ${INTERFACE + 1};`);
  folder.write("later/variants/index.js", "export const variants = [];");
  await expect(loadSubject({ root: later, module: null }, "auto", "base")).rejects.toThrow(
    new RegExp(
      `later: its kernels must have interface 1 to ${INTERFACE}, got ${INTERFACE + 1}; .*gate from the commit`,
    ),
  );
});

test("a folder without code, and a version that brings its kernels another way, cannot be gated", async () => {
  const load = (place: string) => loadSubject({ root: place, module: null }, "auto", "base");
  await expect(load(folder.path)).rejects.toThrow(/cannot be loaded, /);
  await expect(load(folder.path)).rejects.toThrow(FailureError);
  const old = join(folder.path, "old");
  for (const place of ["src/kernels", "variants"]) mkdirSync(join(old, place), { recursive: true });
  folder.write("old/package.json", '{"type":"module"}');
  folder.write("old/src/kernels/index.js", "export const kernels = [];");
  folder.write("old/variants/index.js", "export const variants = [];");
  await expect(load(old)).rejects.toThrow(
    /old: must export variants and builtInKernels, got none; it is of a version that cannot be gated/,
  );
});

test("a plug-in that is broken, empty or gone is refused with its name", async () => {
  const broken = folder.write("broken.mjs", "throw new Error('on purpose');");
  const empty = folder.write("empty.mjs", "export const kernels = [];");
  await expect(loadSubject({ root, module: broken }, "auto", "base")).rejects.toThrow(
    /plug-in .*broken.mjs: cannot be loaded, on purpose/,
  );
  await expect(loadSubject({ root, module: empty }, "auto", "base")).rejects.toThrow(UsageError);
  await expect(loadSubject({ root, module: join(folder.path, "gone.mjs") }, "auto", "base")).rejects.toThrow(
    /there is no such file/,
  );
});

test("a plug-in that brings a name which is taken is refused: the built-in one would be measured on both sides", async () => {
  const js = folder.write("js.mjs", spinModule().replace('id: "spin"', 'id: "js"'));
  await expect(loadSubject({ root, module: js }, "auto", "head")).rejects.toThrow(
    /plug-in .*js.mjs: the kernel name 'js' is taken; choose another/,
  );
});

test("an arm whose code cannot be loaded says whose it is: a twin is base", async () => {
  const place = { root, module: join(folder.path, "gone.mjs") };
  for (const [name, side] of [
    ["base", "base"],
    ["twin", "base"],
    ["head", "head"],
  ] as const) {
    const lost: unknown = await loadArm(name, place, "auto", builtInKinds).catch((thrown: unknown) => thrown);
    expect(lost).toBeInstanceOf(SideLost);
    expect(lost).toMatchObject({ side, message: expect.stringMatching(/there is no such file/) });
  }
});
