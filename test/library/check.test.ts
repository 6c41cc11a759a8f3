import { expect, test } from "vitest";
import { check, UsageError } from "../../src/index.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";

const zeros = simpleKernel({
  id: "zeros",
  prepare: (_, output) => () => void output.fill(0),
});
const picky = simpleKernel({ id: "picky", supports: () => "it takes nothing", prepare: () => () => {} });

test("check says of each kind of check what came of it, and of a wrong kernel how it is wrong", async () => {
  const results = await Array.fromAsync(
    check({ variants: "local", kernel: "zeros", plugins: [{ kernels: [zeros] }] }),
  );
  const [first] = results;
  expect(first).toMatchObject({ variant: "local", kernel: "zeros", check: "gate", passed: 0 });
  expect(first.failure).toMatch(/^at /);
});

test("check ends where its reader leaves it, and where its signal is aborted", async () => {
  const choices = { variants: "local", kernel: "zeros", plugins: [{ kernels: [zeros] }] };
  let seen = 0;
  for await (const _ of check(choices)) if (++seen === 1) break;
  expect(seen).toBe(1);
  expect(await Array.fromAsync(check({ ...choices, signal: AbortSignal.abort() }))).toEqual([]);
});

test("where no kernel takes a variant, check says so after what it gave", async () => {
  const results = check({ variants: "local", kernel: "picky", plugins: [{ kernels: [picky] }] });
  const first = await results.next();
  expect(first.value).toMatchObject({ notRun: "it takes nothing" });
  await expect(results.next()).rejects.toThrow(UsageError);
});

test("plug-ins that are no array are refused, and not read letter by letter", async () => {
  const plugins = "./mine.ts" as unknown as [];
  await expect(check({ plugins }).next()).rejects.toThrow(
    "--plugin: must be an array of names or of loaded modules, got ./mine.ts",
  );
});
