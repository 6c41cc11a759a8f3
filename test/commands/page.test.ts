import { mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { suitePage } from "../../src/page/document/page.ts";
import { builtSuiteScripts } from "../../src/page/document/scripts.ts";
import { commandLine } from "./command-line.ts";
import { fakeIo } from "./fake-io.ts";

const folder = mkdtempSync(join(tmpdir(), "attnbench-page-"));

test("the page is written to a file, in one piece", async () => {
  const path = join(folder, "page.html");
  const { code, stdout } = await commandLine(["page", "--out", path]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `wrote ${path}\n` });
  expect(readFileSync(path, "utf8")).toBe(suitePage(builtSuiteScripts()).html);
});

test("the page is served until an interrupt, which ends it with exit code 0", async () => {
  const io = fakeIo((text) => {
    if (text.includes("Ctrl-C ends it")) served.resolve();
  });
  const served = Promise.withResolvers<void>();
  const ended = commandLine("page", io);
  await served.promise;
  const address = /serving (http:\/\/127\.0\.0\.1:\d+\/)\n/.exec(io.stdout())?.[1] ?? "";
  const response = await fetch(address);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain("<title>attnbench");
  io.interrupt();
  expect((await ended).code).toBe(0);
  await expect(fetch(address)).rejects.toThrow();
});

test("a port that is taken is told in one line, with exit code 1", async () => {
  const other = createServer();
  await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
  const { port } = other.address() as { port: number };
  const { code, stderr, stdout } = await commandLine(`page --port ${port}`);
  other.close();
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toBe(
    `attnbench: page: port ${port} is taken; name another with --port, or omit it for a free one\n`,
  );
});

test.for([
  ["page --port many", "--port: must be an integer from 0 to 65535, got 'many'"],
  ["page --port 65536", "--port: must be an integer from 0 to 65535, got '65536'"],
  [
    "page --port 80 --out x.html",
    "--port: is where the page is served, and --out writes it to a file; omit one",
  ],
  ["page --out x.txt", "--out: must be a file ending in .html, got 'x.txt'; name one such as mine.html"],
  ["page --host 0.0.0.0", "unknown option of page '--host'; expected one of --port, --out, --open"],
  ["page x", "page: takes no argument 'x'; see attnbench page --help"],
])("%s is refused with exit code 2", async ([words, why]) => {
  const { code, stderr } = await commandLine(words);
  expect({ code, stderr }).toEqual({ code: 2, stderr: `attnbench: ${why}\n` });
});

test.for([
  [
    "run --browser netscape",
    "unknown browser 'netscape'; expected one of chromium, chrome, msedge, firefox, webkit",
  ],
  [
    "run --browser-path x",
    "--browser-path: has a meaning only with --browser, and was given without; add --browser chromium",
  ],
  [
    "run --browser-args=x",
    "--browser-args: has a meaning only with --browser, and was given without; add --browser chromium",
  ],
  [
    "run --browser chromium --replay x.jsonl",
    "--replay: has no meaning with --browser, as the page makes its own plan; omit it",
  ],
  [
    "run --browser chromium --resume x.jsonl",
    "--resume: has no meaning with --browser, as the page makes its own plan; omit it",
  ],
  [
    "run --browser chromium --dry-run",
    "--dry-run: has no meaning with --browser, as the page makes its own plan; omit it",
  ],
  [
    "run --browser chromium --plugin x.ts",
    "--plugin: has no meaning with --browser, as the page loads no module; omit it",
  ],
  [
    "run --browser chromium --browser-path /nowhere --out /tmp/never.jsonl",
    "--browser-path: must be a program that can be run, got '/nowhere'",
  ],
])("%s is refused with exit code 2", async ([words, why]) => {
  const { code, stderr } = await commandLine(words);
  expect({ code, stderr }).toEqual({ code: 2, stderr: `attnbench: ${why}\n` });
});
