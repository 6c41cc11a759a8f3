import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { BUILD_NAMES } from "../../../src/kernels/wasm/build.ts";

const TYPE_SECTION = 1;
const FUNCTION_TYPE = 0x60;
const V128 = 0x7b;

/** The kinds of parameters of all function types of a module: WebAssembly core specification, section 5.5.4. */
function parameterKinds(module: Uint8Array): number[] {
  let at = 8; // magic and version
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  for (;;) {
    const section = module[at++];
    const size = number();
    if (section === TYPE_SECTION) break;
    at += size;
  }
  const kinds: number[] = [];
  for (let types = number(); types > 0; types--) {
    expect(module[at++]).toBe(FUNCTION_TYPE);
    for (let parameters = number(); parameters > 0; parameters--) kinds.push(module[at++]);
    const results = number();
    at += results;
  }
  return kinds;
}

it.each(BUILD_NAMES)(
  "no function of the %s build takes a vector: V8's fusion aborts the process at one",
  (name) => {
    const module = readFileSync(new URL(`../../../src/kernels/wasm/build/${name}.wasm`, import.meta.url));
    const kinds = parameterKinds(module);
    expect(kinds).not.toEqual([]);
    expect(kinds).not.toContain(V128);
  },
);
