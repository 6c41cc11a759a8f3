import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import process from "node:process";
import { configDefaults, defineConfig } from "vitest/config";
import { inPlaceOf } from "./test/once/replaced.ts";

const every = globSync("test/**/*.test.ts", { cwd: import.meta.dirname });
const long = every.filter((file) => file.endsWith(".long.test.ts"));
/** Files that put other modules in the place of ours, which would stay there for those that come after. */
const mocking = every.filter(
  (file) =>
    !long.includes(file) && readFileSync(`${import.meta.dirname}/${file}`, "utf8").includes("vi.mock("),
);

/** Files of which a long one draws all examples, those that they draw themselves first, and does nothing else. */
const drawnByLong = long.flatMap((file) => {
  const text = readFileSync(`${import.meta.dirname}/${file}`, "utf8");
  return text.trim() === `import "./${basename(file.replace(".long.", "."))}";`
    ? [file.replace(".long.", ".")]
    : [];
});
// With `TEST_ALL=1` the long suite follows: the short one leaves out what that would do again.
const leftToLong = process.env.TEST_ALL === "1" ? drawnByLong : [];

// Kernels compute without a pause, gates start processes, and runners share their cores: limits are for what hangs.
const HANG_MS = 600_000;

export default defineConfig({
  plugins: [
    {
      name: "once",
      enforce: "pre",
      async resolveId(source, importer, options) {
        const found = await this.resolve(source, importer, { ...options, skipSelf: true });
        return found && (inPlaceOf(found.id, importer) ?? found);
      },
    },
  ],
  test: {
    setupFiles: ["test/property-seed.ts"],
    // One for each processor: by default one is left idle, of two.
    maxWorkers: "100%",
    testTimeout: HANG_MS,
    hookTimeout: HANG_MS,
    teardownTimeout: HANG_MS,
    projects: [
      // A process keeps the modules from file to file: loading them anew took a third of a second a file.
      project("short", {
        include: ["test/**/*.test.ts"],
        exclude: [...long, ...mocking, ...leftToLong],
        isolate: false,
      }),
      project("mocking", { include: mocking, exclude: [], isolate: true }),
      project("long", { include: long, exclude: [], isolate: false, env: { EXAMPLES: "all" } }),
    ],
  },
});

function project(
  name: string,
  {
    exclude,
    ...settings
  }: { include: string[]; exclude: string[]; isolate: boolean; env?: Record<string, string> },
) {
  return {
    extends: true as const,
    test: { name, exclude: [...configDefaults.exclude, ...exclude], ...settings },
  };
}
