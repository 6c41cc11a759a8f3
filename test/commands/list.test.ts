import { expect, test } from "vitest";
import { parameterize } from "../../src/core/variant.ts";
import { FORM_PARAMETERS } from "../../src/pairwise/forms.ts";
import { variants } from "../../variants/index.ts";
import { commandLine } from "./command-line.ts";

const families = [...new Set(variants.map(({ family }) => family?.id))];

test("every variant is listed with its source and parameters, and every kernel with its title", async () => {
  const { code, stdout, stderr } = await commandLine("list");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  for (const { id, summary, source, params, aliases } of variants) {
    for (const text of [id, summary, source, ...Object.keys(params), ...aliases])
      expect(stdout).toContain(text);
  }
  expect(stdout).toMatch(/^ {2}js {2}\S/m);
});

test("of every variant it says what decoding keeps of the tokens so far", async () => {
  const { stdout } = await commandLine("list");
  const kept = [...stdout.matchAll(/^ {2}(\S+) {2}grows[\s\S]*?^ {4}decoding (keeps .*|is not defined)$/gm)];
  expect(kept.map(([, id]) => id)).toEqual(variants.map(({ id }) => id));
  const of = Object.fromEntries(kept.map(([, id, text]) => [id, text]));
  expect(of.full).toMatch(/every key/);
  expect(of.local).toBe("keeps 129 keys");
  expect(of.linear).toMatch(/no key/);
  expect(of.neighbourhood).toBe("is not defined");
});

test("of every variant it says what it has gradients of, and what they are taken through where keys are chosen", async () => {
  const { stdout } = await commandLine("list");
  const told = [...stdout.matchAll(/^ {2}(\S+) {2}grows[\s\S]*?^ {4}gradient (.*)$/gm)];
  expect(told.map(([, id]) => id)).toEqual(variants.map(({ id }) => id));
  const of = Object.fromEntries(told.map(([, id, text]) => [id, text]));
  expect(of.full).toBe("of q, k, v");
  expect(of.delta).toBe("of q, k, v, delta.beta");
  expect(of.moba).toBe("of q, k, v, through the chosen keys");
  expect(of.clustered).toMatch(/, through the clusters/);
  expect(of.linformer).not.toMatch(/through/);
});

test("variants are grouped by family, each under one line that says what they have in common", async () => {
  const { stdout } = await commandLine("list");
  const lines = stdout.split("\n");
  const heads = lines.filter((line) => /^[a-z]/.test(line));
  expect(heads.slice(0, -2)).toEqual(
    [...new Set(variants.map(({ family }) => family))].map((family) => `${family?.id}: ${family?.summary}`),
  );
  for (const { id, family } of variants) {
    const at = lines.findIndex((line) => line.startsWith(`  ${id}  grows as N`));
    expect(lines.slice(0, at).findLast((line) => /^[a-z]/.test(line))).toMatch(RegExp(`^${family?.id}: `));
  }
});

test("one family is listed by itself, with nothing else, and as JSON too", async () => {
  const inFamily = variants.filter(({ family }) => family?.id === "image").map(({ id }) => id);
  const text = await commandLine("list --family image");
  expect(text).toMatchObject({ code: 0, stderr: "" });
  expect([...text.stdout.matchAll(/^ {2}(\S+) {2}grows/gm)].map(([, id]) => id)).toEqual(inFamily);
  expect(text.stdout).not.toMatch(/^kernels/m);
  const { variants: listed } = JSON.parse((await commandLine("list --family image --json")).stdout);
  expect(listed.map(({ id, family }: Record<string, string>) => [id, family])).toEqual(
    inFamily.map((id) => [id, "image"]),
  );
});

test.each(["images", "plug-in", "constructor"])("an unknown family is refused: '%s'", async (name) => {
  expect(await commandLine(["list", `--family=${name}`])).toEqual({
    code: 2,
    stdout: "",
    stderr: `attnbench: unknown family '${name}'; expected one of ${families.join(", ")}\n`,
  });
});

test("a growth has a name where there is one, and is a power elsewhere", async () => {
  const { stdout } = await commandLine("list --family sparse");
  expect(stdout).toMatch(/^ {2}local {2}grows as N\^1, alias/m);
  expect(stdout).toMatch(/^ {2}logsparse {2}grows as N log N$/m);
});

test("as JSON it says all that a program needs to set parameters", async () => {
  const { stdout } = await commandLine("list --json");
  const listing = JSON.parse(stdout);
  expect(Object.keys(listing)).toEqual(["variants", "forms", "kernels"]);
  for (const one of listing.variants) {
    expect(one).toEqual({
      id: expect.stringMatching(/^[a-z][a-z0-9-]*$/),
      family: expect.toBeOneOf([...families]),
      title: expect.any(String),
      summary: expect.any(String),
      aliases: expect.any(Array),
      tags: expect.any(Array),
      kind: expect.toBeOneOf(variants.map((variant) => parameterize(variant, {}).mechanism.kind)),
      exponent: expect.any(Number),
      source: expect.any(String),
      decoding: expect.stringMatching(/^(keeps |is not defined$)/),
      gradient: expect.stringMatching(/^(of [a-z]|is not defined$)/),
      params: expect.any(Object),
      forms: expect.any(Array),
    });
    for (const parameter of Object.values(one.params)) {
      const number = ["default", "least", "unit", "meaning", "optional"];
      const choice = ["default", "choices", "unit", "meaning"];
      const text = ["default", "rule", "unit", "meaning"];
      expect([number, choice, text]).toContainEqual(Object.keys(parameter as object));
    }
  }
  expect(listing.variants.map(({ id }: { id: string }) => id)).toEqual(variants.map(({ id }) => id));
  expect(Object.keys(listing.forms)).toEqual(Object.keys(FORM_PARAMETERS));
  const local = listing.variants.find(({ id }: { id: string }) => id === "local");
  expect(local.aliases).toContain("truncated");
  expect(local.forms).toEqual(Object.keys(FORM_PARAMETERS));
  expect(listing.kernels.map(({ id }: { id: string }) => id).slice(0, 3)).toEqual(["native", "wasm", "js"]);
  const [native, wasm, js] = listing.kernels;
  expect(js).toEqual({ id: "js", title: expect.any(String) });
  expect(wasm.details).toMatch(/\S/);
  // As any processor is asked here: what it lacks.
  expect(native.details).toMatch(/^(the processor has no avx512f|it is written for|Node )/);
});

test("Table 1 has a line for every variant, with values at the lengths asked for", async () => {
  const { code, stdout, stderr } = await commandLine("list --table --lengths 64,256");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  for (const { id } of variants) expect(stdout).toMatch(new RegExp(`^${id}(, causal)? +\\S`, "m"));
  expect(stdout).toMatch(/^local +N\(2w \+ 1\)d, w = 128/m);
  expect(stdout).toMatch(/^lstm, causal +1\.05M +256 +256$|^lstm, causal .*1\.05M {2}256 .*256$/m);
  expect(stdout).toContain("at 256");
  expect(stdout).not.toContain("✗");
});

test("Table 1 as JSON has every formula with its letters, values and searches, and infinity as a word", async () => {
  const { stdout } = await commandLine(
    "list --table --json --family sparse --lengths 512 --set local.window=7",
  );
  const { lengths, head_dim, variants: rows } = JSON.parse(stdout);
  expect([lengths, head_dim]).toEqual([[512], 64]);
  const of = Object.fromEntries(rows.map((row: { id: string }) => [row.id, row]));
  expect(of.local.per_layer[0]).toMatchObject({ formula: "N(2w + 1)d", letters: { w: 7 } });
  expect(of.local.path[0].values).toEqual([73]);
  expect(of.local.searched).toEqual([{ length: 512, layers: 73, exact: true }]);
  expect(of.stride.path[0].values).toEqual(["Infinity"]);
  expect(of.longnet.path).toEqual([]);
});

test.each([
  ["list --lengths 64", "--lengths: has a meaning only with --table, and was given without; add --table"],
  ["list --causal", "--causal: has a meaning only with --table, and was given without; add --table"],
  ["list --table --heads 0", "--heads: must be an integer from 1 to 256, got '0'"],
  ["list --table --head-dim NaN", "--head-dim: must be an integer from 1 to 1048576, got 'NaN'"],
  [
    "list --table --family image --set local.window=3",
    "--set: local is not in the family image; omit one of them",
  ],
  [
    "list --table --lengths 8..",
    "--lengths: a length must be a whole number from 1 to 1073741824, got ''; write a list such as 1k,2k,5000 or a range such as 256..8192",
  ],
])("%s is refused in a line", async (words, line) => {
  expect(await commandLine(words)).toEqual({ code: 2, stdout: "", stderr: `attnbench: ${line}\n` });
});
