import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { duplicateKey, nestingDepth } from "../../src/input/json-structure.ts";

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe("the structure of a JSON text", () => {
  it("has the depth of the value that it means", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        expect(nestingDepth(JSON.stringify(value, null, indent))).toBe(depthOf(value));
      }),
    );
  });

  it("holds no key twice when it was written from an object", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        expect(duplicateKey(JSON.stringify(value, null, indent))).toBeUndefined();
      }),
    );
  });

  it.each([
    ['{"q":1,"k":2,"q":3}', "q"],
    ['{"q":1, "\\u0071" : 3}', "q"],
    ['{"a":{"shape":[{"x":1},"x"],"shape":[]}}', "shape"],
    ['{"a\\"b":1,"c":"a\\"b","a\\"b":2}', 'a"b'],
    ['{"__proto__":1,"__proto__":2}', "__proto__"],
  ])("tells the key that %s holds twice", (json, key) => {
    expect(duplicateKey(json)).toBe(key);
  });

  it.each(['{"a":{"x":1},"b":{"x":1}}', '{"a":"a","b":["a","b"]}', '["q","q"]', '"q"'])(
    "finds nothing twice in %s",
    (json) => {
      expect(duplicateKey(json)).toBeUndefined();
    },
  );
});
