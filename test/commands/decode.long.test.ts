import { expect, test } from "vitest";
import { commandLine } from "./command-line.ts";

test("check holds steppers to what they promise", async () => {
  const { code, stdout } = await commandLine("check linear --mode decode --kernel wasm");
  expect(code).toBe(0);
  expect(stdout.split("\n").filter((line) => line.startsWith("ok"))).toHaveLength(5);
});
