import { expect, test } from "vitest";
import { everything, softmaxPattern } from "../../src/index.ts";
import { listing } from "../../src/library/listing.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { variants } from "../../variants/index.ts";

const mine = softmaxPattern({
  id: "mine",
  title: "Mine",
  source: "none",
  params: {},
  pattern: () => everything(),
  exponent: () => 2,
});

test("variants of plug-ins are a family of their own, after those that are built in", () => {
  const families = listing([...variants, mine], builtInKinds, undefined);
  expect(families.slice(0, -1).flatMap((family) => family.variants.map(({ variant }) => variant))).toEqual(
    variants,
  );
  expect(families.at(-1)).toMatchObject({ id: "plug-in", variants: [{ variant: mine, cost: "N^2" }] });
  expect(listing([...variants, mine], builtInKinds, "plug-in")).toEqual([families.at(-1)]);
  expect(() => listing(variants, builtInKinds, "plug-in")).toThrow(/unknown family 'plug-in'/);
});
