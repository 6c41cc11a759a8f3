import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { validate } from "dockerfile-utils";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const text = readFileSync(join(root, "Dockerfile"), "utf8");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  optionalDependencies: Record<string, string>;
};

/** Instructions in order, each as one line, without comments. */
const instructions = text
  .replace(/^#.*\n/gm, "")
  .replace(/\\\n\s*/g, "")
  .split("\n")
  .filter((line) => line.trim() !== "");
const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith("FROM ")));
const copied = last.filter((line) => line.startsWith("COPY "));

describe("the Dockerfile", () => {
  test("has nothing that a linter of Dockerfiles finds fault with", () => {
    expect(validate(text)).toEqual([]);
    // The linter reads: a misspelt instruction, and one that comes too early, are found.
    expect(validate(text.replace("WORKDIR", "WORKDIRECTORY"))).not.toEqual([]);
    expect(validate(`RUN true\n${text}`)).not.toEqual([]);
  });

  test("pins its base by the very version of Node that the lockfile pins, in all of its stages", () => {
    const versions = new Set(Object.values(manifest.optionalDependencies));
    expect(versions.size).toBe(1);
    const [version] = versions;
    expect(instructions[0]).toBe(`ARG BASE=node:${version}-bookworm-slim`);
    expect(instructions.filter((line) => line.startsWith("FROM "))).toEqual([
      "FROM $BASE AS build",
      "FROM $BASE",
    ]);
    expect(text.match(/node:[\d.]+/g)).toEqual(Array(3).fill(`node:${version}`));
  });

  test("installs what the lockfile says and runs no package's script", () => {
    const npm = instructions.flatMap((line) => line.match(/npm (?!run )[a-z]+[^&]*/g) ?? []);
    expect(npm.map((words) => words.split(" ")[1])).toEqual(["ci", "prune"]);
    for (const words of npm) expect(words).toContain("--ignore-scripts");
    expect(text).not.toMatch(/\b(curl|wget|apt-get|npx|npm install|npm i)\b/);
  });

  test("ends in an image that is not root, has no tools and caches of the build, and starts the launcher", () => {
    expect(last.filter((line) => !line.startsWith("COPY "))).toEqual([
      "FROM $BASE",
      "ENV NODE_ENV=production",
      "WORKDIR /work",
      "USER 1000:1000",
      'ENTRYPOINT ["node", "/attnbench/src/launch.js"]',
    ]);
    // Owned by root: no --chown.
    for (const line of copied) expect(line).toMatch(/^COPY --from=build \/attnbench\//);
  });
});

describe("what is sent to be built", () => {
  const [everything, ...rules] = readFileSync(join(root, ".dockerignore"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const sent = rules.filter((rule) => rule.startsWith("!")).map((rule) => rule.slice(1));

  test("is what is named, and nothing else", () => {
    expect(everything).toBe("*");
    expect(sent).toEqual(expect.arrayContaining(["package.json", "package-lock.json", "src", "variants"]));
    for (const kept of ["node_modules", ".git", "results", "reports", "dist"])
      expect(sent).not.toContain(kept);
    for (const path of sent) expect(globSync(path, { cwd: root }), path).toEqual([path]);
  });

  test("has all that the build, and the image, take from it", () => {
    for (const line of copied) {
      const paths = line
        .split(" ")
        .slice(2, -1)
        .map((path) => path.replace("/attnbench/", ""));
      for (const path of paths.filter((one) => one !== "node_modules" && one !== "dist")) {
        expect(sent, path).toContain(path.split("/")[0]);
      }
    }
    const { extends: base } = JSON.parse(readFileSync(join(root, "src/tsconfig.build.json"), "utf8"));
    expect(sent).toContain(base.replace("../", ""));
  });
});
