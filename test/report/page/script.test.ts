import { cpSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { expect, test } from "vitest";
import { bundledPage, vegaNotice } from "../../../src/report/bundle/bundle.ts";
import { inlineScript } from "../../../src/report/page/policy.ts";
import { ownScript, vegaScript } from "../../../src/report/page/script.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";

const scratch = scratchFolder();

test("what was built is of these sources and of the installed Vega; otherwise run npm run build:report", async () => {
  expect(ownScript()).toBe(await bundledPage());
  expect(vegaScript().split("\n")[0]).toBe(vegaNotice());
});

test("each script is one that a page can hold, with no import and no export", () => {
  for (const script of [ownScript(), vegaScript()]) {
    expect(() => new vm.Script(script)).not.toThrow();
    expect(() => inlineScript(script)).not.toThrow();
  }
});

test("a script that was not built is one line that says what to do", async () => {
  for (const file of ["report/page/script.ts", "core/errors.ts"]) {
    mkdirSync(join(scratch.path, file, ".."), { recursive: true });
    cpSync(resolve(import.meta.dirname, "../../../src", file), join(scratch.path, file));
  }
  const copied = await import(pathToFileURL(join(scratch.path, "report/page/script.ts")).href);
  expect(copied.ownScript).toThrow(
    "report: the page's script page.js is not built; run npm run build:report",
  );
});

test("the script starts on a page without charts, where Vega is not, and leaves nothing behind", () => {
  const page = {
    document: {
      querySelectorAll: () => [],
      querySelector: () => null,
      createElement: () => ({ setAttribute() {} }),
      addEventListener() {},
      body: { append() {} },
    },
    addEventListener() {},
  };
  const before = Object.keys(page);
  vm.runInNewContext(ownScript(), page);
  expect(Object.keys(page)).toEqual(before);
});

test("Vega comes with an interpreter, where nothing may be made into code", () => {
  const page = vm.createContext(
    { setTimeout, setInterval, clearTimeout, performance },
    { codeGeneration: { strings: false, wasm: false } },
  );
  vm.runInContext(vegaScript(), page);
  expect(vm.runInContext("Object.keys(vega.expressionInterpreter)", page)).toContain("encode");
  expect(() => vm.runInContext("new Function('1')", page)).toThrow(/Code generation/);
});
