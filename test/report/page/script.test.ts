import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import vm from "node:vm";
import { expect, test } from "vitest";
import { ownFiles, ownScript, vegaScripts } from "../../../src/report/page/script.ts";

const folder = resolve(import.meta.dirname, "../../../src/report/browser");

test("every file of the page's script is in it, after those that it imports", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".js"));
  expect([...ownFiles].sort()).toEqual(files.sort());
  for (const [place, name] of ownFiles.entries()) {
    const source = readFileSync(join(folder, name), "utf8");
    for (const [, imported] of source.matchAll(/ from "\.\/([^"]+)"/g)) {
      expect([name, ownFiles.slice(0, place)]).toEqual([name, expect.arrayContaining([imported])]);
    }
  }
});

test("the script is one script, with no import and no export and no name twice", () => {
  const script = ownScript();
  expect(() => new vm.Script(script)).not.toThrow();
  expect(script).not.toMatch(/^(?:import|export) /m);
});

test("the script starts on a page without charts, where Vega is not, and leaves nothing behind", () => {
  const page = {
    document: {
      querySelectorAll: () => [],
      querySelector: () => null,
      createElement: () => ({ setAttribute() {} }),
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
  for (const script of vegaScripts()) vm.runInContext(script, page);
  expect(vm.runInContext("Object.keys(vega.expressionInterpreter)", page)).toContain("encode");
  expect(() => vm.runInContext("new Function('1')", page)).toThrow(/Code generation/);
});
