import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");

interface Rule {
  name: string;
  from: { path?: string };
  to: { path?: string; pathNot?: string };
}

/** What each folder may import of ours, as the checker is told. */
function enforced(): Map<string, string[]> {
  const { forbidden } = createRequire(import.meta.url)("../.dependency-cruiser.cjs") as { forbidden: Rule[] };
  const rules = new Map<string, string[]>();
  for (const { name, to } of forbidden) {
    const folder = /^(\w+)-imports$/.exec(name)?.[1];
    const targets = /^\^src\/\(([\w|]+)\)\/$/.exec(to.pathNot ?? "")?.[1].split("|");
    if (folder === undefined || targets === undefined) continue;
    // A rule that does not look at variants/ leaves it open.
    const open = folder === "variants" || to.path?.includes("variants") ? [] : ["variants"];
    rules.set(folder, [...targets.filter((target) => target !== folder), ...open].sort());
  }
  return rules;
}

/** The same as the map tells its readers. */
function documented(): Map<string, string[]> {
  const map = readFileSync(join(root, "src/README.md"), "utf8");
  const table = /\| folder \| may import \|\n\|---\|---\|\n((?:\|.*\|\n)+)/.exec(map)?.[1] ?? "";
  return new Map(
    table
      .trim()
      .split("\n")
      .map((row) => row.split("|").map((cell) => cell.trim()))
      .map(([, folder, targets]) => [folder, targets === "–" ? [] : targets.split(", ").sort()]),
  );
}

test("the map's table of imports is the one that is enforced", () => {
  expect(Object.fromEntries(documented())).toEqual(Object.fromEntries(enforced()));
});

test("every folder of the sources has a rule, and the map names it", () => {
  const map = readFileSync(join(root, "src/README.md"), "utf8");
  const folders = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  for (const { name } of folders) {
    expect([...enforced().keys()]).toContain(name);
    expect(map).toContain(`(${name})`);
  }
});

test("nothing in the sources asks for a variant by its id, but for the colours of the charts and the baseline", () => {
  const ids = ["local", "stride", "global", "longformer", "bigbird", "linear"];
  const question = new RegExp(`(===|!==|case) "(${ids.join("|")})"`);
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => name.endsWith(".ts") && !name.startsWith("input/"))) {
    expect(readFileSync(join(root, "src", file), "utf8"), file).not.toMatch(question);
  }
});

test("nothing asks for a kind by its name, but the declaration of the kind itself", () => {
  const question = /(===|!==|case) "(softmaxPattern|featureMap)"/;
  for (const folder of ["src", "variants"]) {
    const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => name.endsWith(".ts") && !name.endsWith("/declare.ts"))) {
      expect(readFileSync(join(root, folder, file), "utf8"), file).not.toMatch(question);
    }
  }
});
