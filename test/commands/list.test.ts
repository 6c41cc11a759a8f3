import { expect, test } from "vitest";
import { variants } from "../../variants/index.ts";
import { commandLine } from "./command-line.ts";

test("every variant is listed with its source and parameters, and every kernel with its title", async () => {
  const { code, stdout, stderr } = await commandLine("list");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  for (const { id, source, params, aliases } of variants) {
    for (const text of [id, source, ...Object.keys(params), ...aliases]) expect(stdout).toContain(text);
  }
  expect(stdout).toMatch(/^ {2}js {2}\S/m);
});

test("of every variant it says what decoding keeps of the tokens so far", async () => {
  const { stdout } = await commandLine("list");
  const kept = [...stdout.matchAll(/^(\S+) {2}grows[\s\S]*?^ {2}decoding (keeps .*|is not defined)$/gm)];
  expect(kept.map(([, id]) => id)).toEqual(variants.map(({ id }) => id));
  const of = Object.fromEntries(kept.map(([, id, text]) => [id, text]));
  expect(of.full).toMatch(/every key/);
  expect(of.local).toBe("keeps 129 keys");
  expect(of.linear).toMatch(/no key/);
  expect(of.neighbourhood).toBe("is not defined");
});

test("as JSON it says all that a program needs to set parameters", async () => {
  const { stdout } = await commandLine("list --json");
  const listing = JSON.parse(stdout);
  expect(Object.keys(listing)).toEqual(["variants", "kernels"]);
  for (const one of listing.variants) {
    expect(one).toEqual({
      id: expect.stringMatching(/^[a-z][a-z0-9-]*$/),
      title: expect.any(String),
      aliases: expect.any(Array),
      tags: expect.any(Array),
      kind: expect.stringMatching(/^(softmaxPattern|featureMap)$/),
      exponent: expect.any(Number),
      source: expect.any(String),
      decoding: expect.stringMatching(/^(keeps |is not defined$)/),
      params: expect.any(Object),
    });
    for (const parameter of Object.values(one.params)) {
      const number = ["default", "least", "unit", "meaning", "optional"];
      const choice = ["default", "choices", "unit", "meaning"];
      const text = ["default", "rule", "unit", "meaning"];
      expect([number, choice, text]).toContainEqual(Object.keys(parameter as object));
    }
  }
  expect(listing.variants.map(({ id }: { id: string }) => id)).toEqual(variants.map(({ id }) => id));
  expect(listing.variants[1].aliases).toContain("truncated");
  expect(listing.kernels[1]).toEqual({ id: "js", title: expect.any(String) });
  const [{ id, details }] = listing.kernels;
  expect(id).toBe("wasm");
  expect(details).toMatch(/\S/);
});
