import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("./allocating-process.ts", import.meta.url));

/** A number on the heap takes 12 bytes or 16. What looking at the heap allocates itself was 0.1 to 0.2 bytes a step. */
const LESS_THAN_A_NUMBER = 4;

test("a step allocates nothing on the JavaScript heap, whatever the kernel and the variant", () => {
  const output = execFileSync(process.execPath, ["--expose-gc", script], { encoding: "utf8" });
  const counted = output
    .trim()
    .split("\n")
    .map((line): { name: string; bytesAStep: number } => JSON.parse(line));
  expect(counted.length).toBeGreaterThanOrEqual(15);
  expect(counted.filter(({ bytesAStep }) => !(bytesAStep < LESS_THAN_A_NUMBER))).toEqual([]);
});
