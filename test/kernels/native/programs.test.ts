import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { listingOf } from "../../../src/kernels/native/listing.ts";
import { codeHash, PROGRAMS } from "../../../src/kernels/native/programs.ts";
import { assembledSections, hasBinutils } from "./gnu.ts";

const FAMILY = new URL("../../../src/kernels/native/", import.meta.url).pathname;

it("every program that a file of the family makes is in the list, under a name of its own", () => {
  const names = PROGRAMS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const made = globSync("**/*.ts", { cwd: FAMILY }).flatMap((file) => {
    const text = readFileSync(`${FAMILY}${file}`, "utf8");
    return [...text.matchAll(/new Program\(\s*["`]([^"`]+)["`]/g)].map(([, name]) => name);
  });
  expect(made.length).toBeGreaterThan(5);
  for (const name of made) {
    const pattern = new RegExp(`^${name.replaceAll(/\$\{[^}]*\}/g, ".+")}$`);
    expect(names.filter((one) => pattern.test(one))).not.toEqual([]);
  }
});

it("the hash of all code is one of what is written, and the same each time", () => {
  expect(codeHash()).toMatch(/^[0-9a-f]{12}$/);
  expect(codeHash()).toBe(codeHash());
});

it.skipIf(!hasBinutils)("GNU as makes every program of the listing of them all", () => {
  const sections = PROGRAMS.map(({ name }) => `.text.${name.replaceAll("-", "_")}`);
  for (const [index, theirs] of assembledSections(listingOf(PROGRAMS), sections).entries()) {
    const program = PROGRAMS[index];
    expect(`${program.name} ${theirs.equals(program.assemble().bytes)}`).toBe(`${program.name} true`);
  }
});
