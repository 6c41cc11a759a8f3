import { expect, test } from "vitest";
import { listing } from "../../src/library/listing.ts";
import { builtInTraits, traitsOf } from "../../src/library/traits.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { variants } from "../../variants/index.ts";

const listed = listing(variants, builtInKinds, undefined).flatMap((family) => family.variants);
const traits = new Map(listed.map(({ variant }) => [variant.id, traitsOf(variant)]));

test("a state is bounded exactly where the list says that decoding keeps a number that does not depend on the tokens", () => {
  const told = (decoding: string) => {
    if (decoding === "is not defined") return "none";
    return /every|at most|means of/.test(decoding) ? "grows" : "constant";
  };
  for (const { variant, decoding } of listed) {
    expect([variant.id, traits.get(variant.id)?.state]).toEqual([variant.id, told(decoding)]);
  }
});

test("exact is full attention, approximate what its distance is of interest, and the rest are functions of their own", () => {
  const of = (nearness: string) =>
    listed.map(({ variant }) => variant.id).filter((id) => traits.get(id)?.nearness === nearness);
  expect(of("exact")).toEqual(["full", "rope"]);
  expect(of("approximate")).toEqual(
    expect.arrayContaining([
      "local",
      "bigbird",
      "swin",
      "linear",
      "performer",
      "linformer",
      "reformer",
      "top-k",
    ]),
  );
  expect(of("own")).toEqual(
    expect.arrayContaining(["alibi", "additive", "retention", "fnet", "lstm", "detr"]),
  );
});

test("weights that serve as they are drawn need no training", () => {
  for (const id of ["performer", "rfa", "clustered", "reformer", "routing", "full", "local", "retention"]) {
    expect([id, traits.get(id)?.learns]).toEqual([id, false]);
  }
  for (const id of ["linformer", "induced", "t5-bias", "gla", "nsa", "lstm", "conv-full", "sagan"]) {
    expect([id, traits.get(id)?.learns]).toEqual([id, true]);
  }
});

test("every built-in variant has traits, in the order of the list", () => {
  expect([...builtInTraits().keys()]).toEqual(variants.map(({ id }) => id));
  expect(builtInTraits().get("lstm")).toMatchObject({ family: "baseline", causality: "always" });
});
