import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  codeOfSide,
  commitOfSide,
  copySubject,
  findSubject,
  type GateSubject,
} from "../../src/gate/subject.ts";
import { refusal } from "../input/refusal.ts";
import { scratchFolder } from "../input/scratch-folder.ts";

const scratch = scratchFolder();
/** Writes files into a folder of its own, which need not be there. */
function folder(name: string, files: Readonly<Record<string, string>>): string {
  for (const [file, content] of Object.entries(files)) {
    const path = join(scratch.path, name, file);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, content);
  }
  return join(scratch.path, name);
}

const sources = {
  "package.json": "{}",
  "src/kernels/index.ts": "export const builtInKernels = () => [];",
  "src/core/deep/work.ts": "export const work = 1;",
  "variants/index.ts": "export const variants = [];",
  "README.md": "hello",
  "node_modules/zod/index.js": "",
};
const own = folder("own", sources);
const codeHash = (subject: GateSubject) => codeOfSide(subject, null).code_sha256;
const find = (path: string) => findSubject("--base", path, own);

test("a checkout is found by its sources, or by what was built of them", () => {
  const path = folder("checkout", sources);
  expect(find(path)).toEqual({ name: path, kind: "checkout", root: path, module: null, home: path });
  const built = folder("built", {
    "dist/src/kernels/index.js": "",
    "dist/variants/index.js": "",
    "package.json": "{}",
  });
  expect(find(built)).toEqual({
    name: built,
    kind: "checkout",
    root: join(built, "dist"),
    module: null,
    home: built,
  });
  // With both, the sources run, as they do from the launcher.
  const both = folder("both", { ...sources, "dist/src/kernels/index.js": "" });
  expect(find(both).root).toBe(both);
});

test("a plug-in is a module, or a folder that is one, on top of what runs", () => {
  const path = join(folder("plugin", { "mine.ts": "" }), "mine.ts");
  expect(find(path)).toEqual({ name: path, kind: "module", root: own, module: path, home: join(path, "..") });
  const main = folder("main", { "package.json": '{"main":"lib/entry.js"}', "lib/entry.js": "" });
  expect(find(main)).toMatchObject({
    kind: "module",
    root: own,
    module: join(main, "lib/entry.js"),
    home: main,
  });
  const index = folder("index", { "index.js": "" });
  expect(find(index)).toMatchObject({ kind: "module", module: join(index, "index.js") });
});

test("names are taken from where the command runs, and kept as typed", () => {
  const path = folder("relative", sources);
  const before = process.cwd();
  process.chdir(scratch.path);
  try {
    expect(find("./relative")).toMatchObject({ name: "./relative", kind: "checkout", root: path });
  } finally {
    process.chdir(before);
  }
});

test("what is neither is refused with the option's name and what to do", () => {
  const neither = folder("neither", { "readme.md": "" });
  expect(refusal(() => find(neither))).toMatch(
    /^--base .*neither: must be a checkout of attnbench or a plug-in, got a folder that is neither; name the plug-in/,
  );
  const missing = join(scratch.path, "gone\u001b[31m");
  expect(refusal(() => findSubject("--head", missing, own))).toMatch(
    /^--head .*gone\\u\{1b\}.*: there is no such/,
  );
  expect(refusal(() => find("/dev/null"))).toMatch(/must be a folder or a module, got a pipe or device/);
});

test("a copy holds the code, reaches the packages, and an edit of the checkout moves it no more", () => {
  const path = folder("edited", sources);
  const subject = find(path);
  const before = codeHash(subject);
  const copy = copySubject(subject, join(folder("copy-of-edited", { here: "" })));
  expect(copy).toEqual({ ...subject, root: join(scratch.path, "copy-of-edited") });
  expect(codeHash(copy)).toBe(before);
  expect(readlinkSync(join(copy.root, "node_modules"))).toBe(join(path, "node_modules"));
  writeFileSync(join(path, "src/core/deep/work.ts"), "export const work = 2;");
  rmSync(join(path, "variants"), { recursive: true });
  expect(codeHash(copy)).toBe(before);
  expect(readFileSync(join(copy.root, "src/core/deep/work.ts"), "utf8")).toContain("= 1");
});

test("a built package is copied as its sources would be", () => {
  const path = folder("packed", {
    "dist/src/kernels/index.js": "1",
    "dist/variants/index.js": "2",
    "package.json": "{}",
  });
  const subject = find(path);
  const copy = copySubject(subject, folder("copy-of-packed", { here: "" }));
  expect(codeHash(copy)).toBe(codeHash(subject));
  expect(readFileSync(join(copy.root, "src/kernels/index.js"), "utf8")).toBe("1");
});

test("a plug-in stays where it is", () => {
  const subject = find(join(folder("stays", { "mine.ts": "" }), "mine.ts"));
  expect(copySubject(subject, folder("copy-of-stays", { here: "" }))).toBe(subject);
});

test("a copy that cannot be made is one clear line", () => {
  const subject = find(folder("whole", sources));
  scratch.write("file", "");
  expect(refusal(() => copySubject(subject, join(scratch.path, "file")))).toMatch(
    /its code cannot be copied to .*file, /,
  );
});

test("the hash tells of every name and byte of the code, and of nothing else", () => {
  const path = folder("hashed", sources);
  const hash = () => codeHash(find(path));
  const first = hash();
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  const change = (name: string, content: string | null) => {
    const file = join(path, name);
    if (content === null) rmSync(file, { force: true });
    else writeFileSync(file, content);
  };
  for (const name of ["src/core/deep/work.ts", "variants/index.ts"] as const) {
    change(name, `${sources[name]} `);
    expect(hash()).not.toBe(first);
    change(name, sources[name]);
    expect(hash()).toBe(first);
  }
  change("src/new.ts", "");
  expect(hash()).not.toBe(first);
  change("src/new.ts", null);
  change("src/core/deep/work.ts", null);
  change("src/core/deep/moved.ts", sources["src/core/deep/work.ts"]);
  expect(hash()).not.toBe(first);
  change("src/core/deep/moved.ts", null);
  change("src/core/deep/work.ts", sources["src/core/deep/work.ts"]);
  change("README.md", "other");
  utimesSync(join(path, "src/kernels/index.ts"), 1, 1);
  expect(hash()).toBe(first);
});

test("a plug-in's code is that which was loaded, whatever its own file is called", () => {
  const subject = find(join(folder("loaded", { "a.ts": "" }), "a.ts"));
  const hash = (name: string, code: Record<string, string>) =>
    codeOfSide(subject, { name, code }).code_sha256;
  const first = hash("a.ts", { "a.ts": "1", "lib/x.ts": "2", "npm:zod": "4.0.0" });
  expect(hash("b.ts", { "b.ts": "1", "lib/x.ts": "2", "npm:zod": "4.0.0" })).toBe(first);
  expect(hash("a.ts", { "a.ts": "1", "lib/x.ts": "3", "npm:zod": "4.0.0" })).not.toBe(first);
  expect(hash("a.ts", { "a.ts": "1", "lib/x.ts": "2", "npm:zod": "4.0.1" })).not.toBe(first);
});

test("a plug-in differs from its commit where one of its files does, and nothing else of the folder counts", () => {
  const path = folder("repository", { "mine.ts": "1", "lib/x.ts": "1", "notes.txt": "1" });
  const git = (...words: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...words], {
      cwd: path,
      stdio: "ignore",
    });
  git("init");
  git("add", ".");
  git("commit", "-m", "first");
  const plugin = {
    name: "mine.ts",
    code: { "mine.ts": "", "lib/x.ts": "", "npm:zod": "4", "told:torch": "2.13.0", "../beside.ts": "" },
  };
  const told = () => commitOfSide(find(join(path, "mine.ts")), plugin);
  folder("repository", { "notes.txt": "2" });
  expect(told()).toEqual({ commit: expect.stringMatching(/^[0-9a-f]{40}$/), dirty: false });
  folder("repository", { "lib/x.ts": "2" });
  expect(told()).toMatchObject({ dirty: true });
});

test("code that cannot be read says so", () => {
  const dangling = folder("dangling", sources);
  symlinkSync("nowhere", join(dangling, "src/link"));
  expect(refusal(() => codeHash(find(dangling)))).toMatch(/src\/link: cannot be read; fix that/);
});
