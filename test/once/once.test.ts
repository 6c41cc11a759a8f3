import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { checkoutCode } from "../../src/identity/own-code.ts";
import { ofThisCheckout } from "./of-this-checkout.ts";
import { once } from "./remembering.ts";
import { inPlaceOf } from "./replaced.ts";

const root = resolve(import.meta.dirname, "../..");
const ownCode = join(root, "src/identity/own-code.ts");

describe("what is found out once a process", () => {
  it("is so for the sources alone: tests have the modules themselves", () => {
    expect(inPlaceOf(ownCode, join(root, "src/machine/environment.ts"))).toBe(
      join(root, "test/once/own-code.ts"),
    );
    expect(inPlaceOf(ownCode, join(root, "test/identity/own-code.test.ts"))).toBeNull();
    expect(inPlaceOf(ownCode, join(root, "test/once/own-code.ts"))).toBeNull();
    expect(inPlaceOf(join(root, "src/identity/checkout-other.ts"), join(root, "src/cli.ts"))).toBeNull();
    expect(checkoutCode(root)).not.toBe(checkoutCode(root));
  });

  it("is so for this checkout, and other folders are looked at again", () => {
    let calls = 0;
    const count = ofThisCheckout((folder: string, part: string) => `${folder} ${part} ${++calls}`);
    expect(count(root, "a")).toBe(`${root} a 1`);
    expect(count(join(root, "src", ".."), "a")).toBe(`${root} a 1`);
    expect(count(root, "b")).toBe(`${root} b 2`);
    expect(count("/elsewhere", "a")).toBe("/elsewhere a 3");
    expect(count("/elsewhere", "a")).toBe("/elsewhere a 4");
  });

  it("is also that there is nothing", () => {
    let calls = 0;
    const nothing = once((bytes: number) => {
      calls += bytes;
      return null;
    });
    expect([nothing(1), nothing(1), nothing(10)]).toEqual([null, null, null]);
    expect(calls).toBe(11);
  });
});
