import { spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { takeLock } from "../../src/files/lock-file.ts";
import { addEntries, refuseUnfitHistory } from "../../src/history/add-entries.ts";
import { HEAD_LINE, lineOf } from "../../src/history/entry-line.ts";
import { readHistory } from "../../src/history/read-history.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { historyText, sampleEntry } from "./sample-entries.ts";

const folder = scratchFolder();
let count = 0;
const fresh = () => join(folder.path, `${count++}.jsonl`);
const [a, b, c] = [0, 1, 2].map((index) => sampleEntry(index));
const ids = (path: string) => readHistory([path]).entries.map(({ id }) => id);
const adder = join(import.meta.dirname, "adder.ts");

describe("adding entries", () => {
  test("makes the file, appends to it, and adds what it holds no second time", () => {
    const path = fresh();
    expect(addEntries(path, [a, a])).toMatchObject({ added: [{ id: a.id }], known: [], mended: false });
    expect(readFileSync(path, "utf8")).toBe(historyText([a]));
    expect(addEntries(path, [b, a])).toMatchObject({ added: [{ id: b.id }], known: [{ id: a.id }] });
    expect(readFileSync(path, "utf8")).toBe(historyText([a, b]));
    expect(addEntries(path, [a])).toMatchObject({ added: [], known: [{ id: a.id }] });
    expect(readFileSync(path, "utf8")).toBe(historyText([a, b]));
    expect(
      readdirSync(folder.path).filter((name) => name.startsWith(path.slice(folder.path.length + 1))),
    ).toHaveLength(1);
  });

  test("cuts off a last line that a kill left behind, wherever it was cut", () => {
    const whole = historyText([a]);
    const line = lineOf(b);
    for (let size = 1; size < line.length - 1; size += 41) {
      const path = fresh();
      writeFileSync(path, whole + line.slice(0, size));
      expect(addEntries(path, [c]).mended).toBe(true);
      expect(readFileSync(path, "utf8")).toBe(historyText([a, c]));
    }
  });

  test("cuts off one that is longer than all that is added", () => {
    const path = fresh();
    writeFileSync(path, `${historyText([a])}{"type":"entry","id":"${"0".repeat(50_000)}`);
    expect(addEntries(path, [c]).mended).toBe(true);
    expect(readFileSync(path, "utf8")).toBe(historyText([a, c]));
  });

  test("leaves a cut-off line where it is, if it adds nothing", () => {
    const path = fresh();
    writeFileSync(path, `${historyText([a])}{"type":`);
    expect(addEntries(path, [a]).mended).toBe(false);
    expect(readFileSync(path, "utf8")).toBe(`${historyText([a])}{"type":`);
  });

  test("keeps a last line that lacks only its newline", () => {
    const path = fresh();
    writeFileSync(path, historyText([a, b]).trimEnd());
    expect(addEntries(path, [c]).mended).toBe(false);
    expect(readFileSync(path, "utf8")).toBe(historyText([a, b, c]));
  });

  test("begins an empty file, and adds to one that has no more than its head", () => {
    for (const begun of ["", HEAD_LINE]) {
      const path = fresh();
      writeFileSync(path, begun);
      addEntries(path, [a]);
      expect(readFileSync(path, "utf8")).toBe(historyText([a]));
    }
  });

  test("changes nothing in what is no history", () => {
    const path = fresh();
    const content = `${historyText([a])}<<<<<<< HEAD\n`;
    writeFileSync(path, content);
    expect(() => addEntries(path, [b])).toThrow(/mark of a conflict/);
    expect(readFileSync(path, "utf8")).toBe(content);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test("takes only files of lines", () => {
    expect(() => refuseUnfitHistory("h.sqlite")).toThrow(
      /a file that ends in \.jsonl, got h\.sqlite; add to the file of lines, and export/,
    );
    expect(() => addEntries(join(folder.path, "none/h.jsonl"), [a])).toThrow(
      /its folder does not exist; create it first/,
    );
  });
});

describe("processes that add at once", () => {
  const start = (path: string, first: number, times: number, deadly = "") => {
    const child = spawn(process.execPath, [adder, path, `${first}`, `${times}`, deadly], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
    return new Promise<string>((resolve) => child.on("close", () => resolve(stderr)));
  };

  test("each add all of theirs, also by another name of the file, and beside one that is killed", async () => {
    const path = fresh();
    addEntries(path, [a]);
    const link = `${path.slice(0, -6)}-link.jsonl`;
    symlinkSync(path, link);
    const said = await Promise.all([
      start(path, 100, 8),
      start(link, 200, 8),
      start(path, 300, 8),
      start(path, 400, 8, "deadly"),
    ]);
    expect(said).toEqual(["", "", "", ""]);
    const expected = [100, 200, 300].flatMap((first) => Array.from({ length: 8 }, (_, at) => first + at));
    const found = new Set(readHistory([path]).entries.map(({ commit }) => commit));
    for (const index of expected) expect(found).toContain(sampleEntry(index).commit);
    expect(found.size).toBeGreaterThanOrEqual(1 + 24 + 2);
  });

  test("wait for each other, and say who holds the file if that never ends", async () => {
    const path = fresh();
    addEntries(path, [a]);
    const taken = takeLock(`${path}.lock`);
    if (!("lock" in taken)) throw new Error("the lock must be free");
    const waiting = start(path, 10, 1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(ids(path)).toHaveLength(1);
    taken.lock.release();
    expect(await waiting).toBe("");
    expect(ids(path)).toHaveLength(2);
  });
});

test("a disk that is full leaves the file as it was, and one line says so", () => {
  const path = fresh();
  addEntries(path, [a]);
  const before = readFileSync(path, "utf8");
  // Writing past the limit fails as it does on a full disk.
  const limited = (file: string) =>
    spawnSync(
      "bash",
      ["-c", `ulimit -f 16; trap '' XFSZ; exec "$@"`, "bash", process.execPath, adder, file, "10", "1"],
      { encoding: "utf8" },
    );
  const { stderr, status } = limited(path);
  expect(status).not.toBe(0);
  expect(stderr).toMatch(/history: cannot write \S+, .*; nothing was added/);
  expect(readFileSync(path, "utf8")).toBe(before);
  const none = fresh();
  expect(limited(none).status).not.toBe(0);
  expect(existsSync(none)).toBe(false);
});

test("a file that is cut off under the reader is no endless loop", () => {
  const path = fresh();
  addEntries(path, [a, b]);
  truncateSync(path, 3);
  appendFileSync(path, "\n");
  expect(() => readHistory([path])).toThrow(/line 1 must be JSON/);
});
