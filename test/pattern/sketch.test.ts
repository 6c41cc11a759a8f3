import { expect, test } from "vitest";
import { parameterize } from "../../src/core/variant.ts";
import { isSoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { band } from "../../src/pattern/band.ts";
import { causal } from "../../src/pattern/causal.ts";
import { comb } from "../../src/pattern/comb.ts";
import { firstTokens } from "../../src/pattern/first-tokens.ts";
import { globalTokens } from "../../src/pattern/global-tokens.ts";
import { ofImage } from "../../src/pattern/of-image.ts";
import { sketch, sketchPixel } from "../../src/pattern/sketch.ts";
import { union } from "../../src/pattern/union.ts";
import { variants } from "../../variants/index.ts";

/** Roles of the areas by pair, such as `3,4`. */
function rolesOf(areas: ReturnType<typeof sketch>): ReadonlyMap<string, readonly string[]> {
  const roles = new Map<string, string[]>();
  for (const { role, rowFrom, rowTo, keyFrom, keyTo } of areas) {
    for (let query = rowFrom; query < rowTo; query++) {
      for (let key = keyFrom; key < keyTo; key++) {
        const pair = `${query},${key}`;
        roles.set(pair, [...(roles.get(pair) ?? []), role]);
      }
    }
  }
  return roles;
}

test.each([false, true])("every built-in pattern is sketched pair by pair, each once (causal: %s)", (cut) => {
  for (const variant of variants) {
    const probes = Object.fromEntries(
      Object.entries(variant.params).map(([name, { probe }]) => [name, probe]),
    );
    const { mechanism } = parameterize(variant, probes);
    if (!isSoftmaxPattern(mechanism)) continue;
    const { pattern } = mechanism;
    const roles = rolesOf(sketch(pattern, 21, cut));
    const bound = (cut ? causal(pattern) : pattern).bind({ length: 21, head: 0 });
    for (let query = 0; query < 21; query++) {
      for (let key = 0; key < 21; key++) {
        const found = roles.get(`${query},${key}`)?.length ?? 0;
        expect(found, `${variant.id} ${query},${key}`).toBe(bound.attends(query, key) ? 1 : 0);
      }
    }
  }
});

test("a pair of several parts is seen as global, else local, else stride", () => {
  const roles = rolesOf(sketch(union(comb(4), band(1, 1), globalTokens(1)), 9, false));
  expect(roles.get("0,0")).toEqual(["global"]);
  expect(roles.get("0,4")).toEqual(["global"]);
  expect(roles.get("4,4")).toEqual(["local"]);
  expect(roles.get("4,8")).toEqual(["stride"]);
  expect(roles.get("4,6")).toBeUndefined();
});

test("rows that attend alike are one area, and parts without a role are others", () => {
  expect(sketch(globalTokens(2), 8, false)).toEqual([
    { role: "global", rowFrom: 0, rowTo: 2, keyFrom: 0, keyTo: 8 },
    { role: "global", rowFrom: 2, rowTo: 8, keyFrom: 0, keyTo: 2 },
  ]);
  const { role: _, ...nameless } = band(0, 0);
  expect(sketch(nameless, 1, false)).toEqual([{ role: "other", rowFrom: 0, rowTo: 1, keyFrom: 0, keyTo: 1 }]);
});

test("the keys of a pixel are sketched where they lie in a square image, each as the part that attends it", () => {
  for (const cut of [false, true]) {
    const pattern = ofImage(6, union(firstTokens(2), band(4, 4), comb(6)));
    const image = sketchPixel(pattern, cut);
    expect(image).toMatchObject({ width: 6, height: 6, row: 3, column: 4 });
    const roles = rolesOf(image?.areas ?? []);
    const bound = (cut ? causal(pattern) : pattern).bind({ length: 36, head: 0 });
    for (let row = 0; row < 6; row++) {
      for (let column = 0; column < 6; column++) {
        const found = roles.get(`${row},${column}`)?.length ?? 0;
        expect(found, `${row},${column}`).toBe(bound.attends(22, 6 * row + column) ? 1 : 0);
      }
    }
    expect(roles.get("0,1")).toEqual(["global"]);
    expect(roles.get("3,0")).toEqual(["local"]);
    expect(roles.get("1,4")).toEqual(["stride"]);
  }
});

test("where tokens are no pixels there is no image, and an image one pixel wide has one pixel", () => {
  expect(sketchPixel(band(1, 1), false)).toBeNull();
  expect(sketchPixel(ofImage(1, band(1, 1)), false)).toMatchObject({
    width: 1,
    height: 1,
    row: 0,
    column: 0,
  });
});
