import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { readCheckout } from "../../src/identity/checkout.ts";

let folder: string;
/** A checkout with one commit, and a copy of it for each test. */
let committed: string;
let root: string;

function write(name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), content);
}

function git(...args: readonly string[]): void {
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.autocrlf=false", ...args], {
    cwd: root,
    stdio: "ignore",
    env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
  });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "attnbench-checkout-"));
  committed = join(folder, "committed");
  root = committed;
  write("package.json", "{}\n");
  write(".gitignore", "/variants/ignored.ts\n");
  write("src/core/work.ts", "export const work = 1;\n");
  write("src/kernels/wasm/table.bin", Uint8Array.of(0, 13, 10, 1));
  write("variants/größe.ts", "export const variant = 1;\n");
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "first");
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(({ task }) => {
  root = join(folder, task.id);
  cpSync(committed, root, { recursive: true });
});
afterEach(() => vi.unstubAllEnvs());

const clean = { commit: expect.stringMatching(/^[0-9a-f]{40}$/), dirty: false, changesSha256: null };
const unknown = { commit: null, dirty: null, changesSha256: null };
const hash = () => {
  const { dirty, changesSha256 } = readCheckout(root);
  expect({ dirty, changesSha256 }).toEqual({
    dirty: true,
    changesSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  return changesSha256;
};

test("a checkout as it was committed has no changes, whatever lies outside its code or is built of it", () => {
  write("results/mine.jsonl", "");
  write("src/kernels/wasm/build/wide.wasm", "built");
  write("src/report/bundle/build/page.js", "built");
  write("src/core/.work.ts.swp", "");
  write("src/README.md", "");
  expect(readCheckout(root)).toEqual(clean);
});

test("every name and byte of a change tells, of files that git does not know and of ignored ones too", () => {
  const seen = new Set<string | null>([null]);
  const differs = () => {
    const before = seen.size;
    expect(seen.add(hash()).size).toBe(before + 1);
  };
  write("variants/new.ts", "1");
  differs();
  write("variants/new.ts", "2");
  differs();
  write("variants/ignored.ts", "1");
  differs();
  write("variants/ignored.ts", "2");
  differs();
  rmSync(join(root, "src/core/work.ts"));
  differs();
  symlinkSync(join(root, "package.json"), join(root, "src/core/work.ts"));
  differs();
});

test("changes that differ beyond the first mebibyte have two hashes", () => {
  const long = Buffer.alloc(3 * 2 ** 20, "a");
  write("src/core/work.ts", long);
  const first = hash();
  long[long.length - 1] = 0x62;
  write("src/core/work.ts", long);
  expect(hash()).not.toBe(first);
});

test("which line ends a checkout has is no change, and none of the hash", () => {
  write("variants/größe.ts", "export const variant = 1;\r\n");
  expect(readCheckout(root)).toEqual(clean);
  write("variants/new.ts", "1;\n");
  const first = hash();
  write("variants/new.ts", "1;\r\n");
  expect(hash()).toBe(first);
  // But bytes are bytes where there is no text.
  write("src/kernels/wasm/table.bin", Uint8Array.of(0, 10, 1));
  expect(hash()).not.toBe(first);
});

describe("no setting hides or colours a change:", () => {
  const settings = [
    "diff.external=true",
    "color.ui=always",
    "color.diff=always",
    "diff.noprefix=true",
    "diff.mnemonicPrefix=true",
    "core.quotePath=false",
    "core.abbrev=5",
    "core.autocrlf=true",
    "core.fsmonitor=true",
    "core.untrackedCache=true",
    "status.showUntrackedFiles=no",
    "status.relativePaths=false",
    "diff.ignoreSubmodules=all",
    "diff.all.textconv=true",
    "filter.all.clean=true",
    "core.excludesFile=EXCLUDES",
    "core.attributesFile=ATTRIBUTES",
  ];
  test("those of a user and of the repository", () => {
    write("src/core/work.ts", "export const work = 2;\n");
    write("variants/new.ts", "1;\n");
    const before = hash();
    writeFileSync(join(folder, "excludes"), "*.ts\n");
    writeFileSync(join(folder, "attributes"), "* diff=all filter=all text eol=crlf\n");
    for (const setting of settings) {
      const [key, value] = setting.split("=");
      const file = { EXCLUDES: "excludes", ATTRIBUTES: "attributes" }[value];
      git("config", key, file === undefined ? value : join(folder, file));
    }
    expect(hash()).toBe(before);
  });

  test("those of its index, in which files are taken for unchanged", () => {
    git("update-index", "--assume-unchanged", "src/core/work.ts");
    git("update-index", "--skip-worktree", "variants/größe.ts");
    write("src/core/work.ts", "export const work = 2;\n");
    const one = hash();
    write("variants/größe.ts", "2");
    expect(hash()).not.toBe(one);
  });

  test("that a change is staged", () => {
    write("variants/new.ts", "1;\n");
    const before = hash();
    git("add", ".");
    expect(hash()).toBe(before);
  });
});

test("what a git hook or another tool says of its own repository is not taken for ours", () => {
  const other = join(folder, "other");
  mkdirSync(other);
  execFileSync("git", ["init", "-q"], { cwd: other });
  const before = readCheckout(root);
  vi.stubEnv("GIT_DIR", join(other, ".git"));
  vi.stubEnv("GIT_INDEX_FILE", join(other, ".git/index"));
  vi.stubEnv("GIT_WORK_TREE", other);
  vi.stubEnv("GIT_OBJECT_DIRECTORY", join(other, ".git/objects"));
  vi.stubEnv("GIT_CONFIG_COUNT", "1");
  vi.stubEnv("GIT_CONFIG_KEY_0", "core.worktree");
  vi.stubEnv("GIT_CONFIG_VALUE_0", other);
  vi.stubEnv("GIT_EXTERNAL_DIFF", "true");
  vi.stubEnv("GIT_LITERAL_PATHSPECS", "1");
  expect(readCheckout(root)).toEqual(before);
  expect(before).toEqual(clean);
});

test("a user's settings that git cannot read are no reason to know nothing", () => {
  writeFileSync(join(folder, ".gitconfig"), "[core\nnot = a setting");
  vi.stubEnv("HOME", folder);
  expect(readCheckout(root)).toEqual(clean);
});

test("a folder within another checkout has no commit, also where it holds a .git that is none", () => {
  const inner = join(root, "node_modules/attnbench");
  mkdirSync(join(inner, "src"), { recursive: true });
  expect(readCheckout(inner)).toEqual(unknown);
  mkdirSync(join(inner, ".git"));
  expect(readCheckout(inner)).toEqual(unknown);
});

test("what cannot be found out is unknown, and no hash of nothing", () => {
  write("src/core/work.ts", "changed");
  rmSync(join(root, ".git/objects"), { recursive: true });
  mkdirSync(join(root, ".git/objects"));
  const { dirty, changesSha256 } = readCheckout(root);
  expect({ dirty, changesSha256 }).toEqual({ dirty: null, changesSha256: null });
  vi.stubEnv("PATH", "/nowhere");
  expect(readCheckout(root)).toEqual(unknown);
});
