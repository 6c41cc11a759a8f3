import type { ChildProcess } from "node:child_process";
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { scratchFolder } from "../input/scratch-folder.ts";
import { launch } from "./launched.ts";

const folder = scratchFolder();
const example = readFileSync("results/example.jsonl");

/** A pipe that has no writer yet. */
function pipe(name: string): string {
  const path = join(folder.path, name);
  execFileSync("sh", ["-c", 'mkfifo "$1"', "sh", path]);
  return path;
}

/** The writing end, once a reader has opened the other: until then it cannot be had without waiting. */
async function writerOf(path: string, reader: ChildProcess): Promise<number> {
  for (;;) {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== "ENXIO" || reader.exitCode !== null) throw thrown;
      await pause(5);
    }
  }
}

describe.runIf(process.platform !== "win32")("a pipe of which nothing comes", () => {
  test.each([
    ["run --replay", "before anything was measured; no file was written"],
    ["run --config", "before anything was measured; no file was written"],
    ["gate --from", "before anything was measured; no file was written"],
    ["calibrate --from", "before anything was measured; no file was written"],
  ])("is waited for by %s until an interrupt", async (command, says) => {
    const path = pipe(command.replaceAll(/\W/g, ""));
    const { child, ended } = launch([...command.split(" "), path], folder.path);
    const writer = await writerOf(path, child);
    child.kill("SIGINT");
    expect(await ended).toMatchObject({
      code: 128 + 2,
      stdout: "",
      stderr: `attnbench: interrupted ${says}\n`,
    });
    closeSync(writer);
  });
});

describe.runIf(process.platform !== "win32")("a pipe whose writer comes late", () => {
  test.each([
    ["run --dry-run --json --replay", example],
    ["run --dry-run --json --config", '{"variants": ["local"], "lengths": [64], "heads": 2}'],
  ])("is what %s reads", async (command, content) => {
    const path = pipe(command.replaceAll(/\W/g, ""));
    const file = join(folder.path, "file.jsonl");
    writeFileSync(file, content);
    const { child, ended } = launch([...command.split(" "), path], folder.path);
    const writer = await writerOf(path, child);
    // A pipe that is full has its writer wait, which this one does without a word.
    execFileSync("sh", ["-c", 'cat "$1" > "$2"', "sh", file, path]);
    closeSync(writer);
    const { code, stdout } = await ended;
    const plain = await launch([...command.split(" "), file], folder.path).ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: plain.stdout });
    expect(stdout.length).toBeGreaterThan(100);
  });
});
