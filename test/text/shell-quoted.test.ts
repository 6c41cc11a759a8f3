import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { quotedPath, shellQuoted } from "../../src/text/shell-quoted.ts";

/** What a shell takes these words for. */
function read(shell: string, words: readonly string[]): readonly string[] {
  const script = `printf '%s\\0' ${words.map(shellQuoted).join(" ")}`;
  return execFileSync(shell, ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}

test("plain names stand as they are, and nothing is a word, too", () => {
  expect(["run-1.jsonl", "./a/b@c.ts", "x=1", "=x", ""].map(shellQuoted)).toEqual([
    "run-1.jsonl",
    "./a/b@c.ts",
    "x=1",
    "'=x'",
    "''",
  ]);
});

test.skipIf(process.platform === "win32")("a shell reads every quoted word as the text that it was", () => {
  const word = fc.string({ unit: fc.constantFrom(..."aZ0'\"\\$`!*?~#&|;<>(){}[] =^%é猫") });
  const words = ["", ...fc.sample(word, 300)];
  expect(read("sh", words)).toEqual(words);
});

test.skipIf(process.platform === "win32")(
  "what cannot be printed is spelled out for the shells that read it",
  () => {
    const word = fc.string({ unit: fc.constantFrom(..."a'\\ \n\t\u001b\u0007\u202e\u2028é0") });
    const words = fc.sample(word, 300);
    for (const one of words) expect(shellQuoted(one)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(read("bash", words)).toEqual(words);
  },
);

test("no file is taken for an option or for standard input, and no word has no end", () => {
  expect(["-x.jsonl", "-", "a b"].map(quotedPath)).toEqual(["./-x.jsonl", "./-", "'a b'"]);
  expect(shellQuoted("x".repeat(10_000)).length).toBeLessThan(1010);
});
