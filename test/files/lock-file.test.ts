import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { lockOrRefuse, takeLock } from "../../src/files/lock-file.ts";
import { scratchFolder } from "../input/scratch-folder.ts";

const folder = scratchFolder();
let count = 0;
const fresh = () => join(folder.path, `${count++}.lock`);

function held(path: string) {
  const taken = takeLock(path);
  if ("holder" in taken) throw new Error("the lock must be free");
  return taken.lock;
}

/** What a holder leaves in the file, as if it were another. */
function claim(path: string, changes: Readonly<Record<string, unknown>>): void {
  const lock = held(path);
  const own = JSON.parse(readFileSync(path, "utf8"));
  lock.release();
  writeFileSync(path, `${JSON.stringify({ ...own, token: "another", ...changes })}\n`);
}

describe("a lock", () => {
  test("is held by one, who is named, and free again when given back", () => {
    const path = fresh();
    const lock = held(path);
    expect(takeLock(path)).toMatchObject({ holder: { pid: process.pid, host: hostname() } });
    expect(() => lockOrRefuse(path, "history: h.jsonl")).toThrow(
      new RegExp(
        `^history: h.jsonl is in use, by process ${process.pid} on .*; wait until it has ended, and try again$`,
      ),
    );
    lock.release();
    held(path).release();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("of a process that has ended is taken over at once", () => {
    const path = fresh();
    claim(path, { pid: 2 ** 30 });
    held(path).release();
  });

  test("of a process whose id another one has now is taken over", () => {
    const path = fresh();
    claim(path, { pid: process.ppid, began: "1" });
    held(path).release();
  });

  test("of a process on another machine stands while it is refreshed, and is taken over after silence", () => {
    const path = fresh();
    claim(path, { host: "elsewhere", pid: 2 ** 30, processes: "another boot" });
    expect(takeLock(path)).toMatchObject({ holder: { host: "elsewhere" } });
    const before = Date.now() / 1000 - 301;
    utimesSync(path, before, before);
    held(path).release();
  });

  test("is younger after a refresh", () => {
    const path = fresh();
    const lock = held(path);
    utimesSync(path, 1, 1);
    lock.refresh();
    expect(statSync(path).mtimeMs).toBeGreaterThan(1e6);
    expect(takeLock(path)).toMatchObject({ holder: { pid: process.pid } });
  });

  test("that was taken away says so at the next refresh, and is not given back for the other", () => {
    const path = fresh();
    const lock = held(path);
    claimAgain(path);
    expect(() => lock.refresh()).toThrow(/was taken by another process/);
    lock.release();
    expect(existsSync(path)).toBe(true);
  });

  function claimAgain(path: string): void {
    writeFileSync(path, readFileSync(path, "utf8").replace(/"token":"[^"]+"/, '"token":"another"'));
  }

  test.each(["", "{", "null", '{"host":1}'])(
    "file that holds %j counts as held until it is old",
    (content) => {
      const path = fresh();
      writeFileSync(path, content);
      expect(takeLock(path)).toEqual({ holder: null });
      utimesSync(path, 1, 1);
      held(path).release();
    },
  );

  test("in a folder that is not there is one line", () => {
    expect(() => takeLock(join(folder.path, "none", "x.lock"))).toThrow(/^lock: cannot write .*none/);
  });

  test("is held by one at a time however many want it, and whoever of them is killed", async () => {
    const [path, log] = [fresh(), join(folder.path, "log")];
    const module = join(import.meta.dirname, "contender.ts");
    const contenders = Array.from({ length: 6 }, (_, index) =>
      spawn(process.execPath, [module, path, log, "12", index % 2 === 0 ? "deadly" : ""], {
        stdio: "inherit",
      }),
    );
    await Promise.all(contenders.map((one) => new Promise((resolve) => one.on("close", resolve))));
    const lines = readFileSync(log, "utf8").trimEnd().split("\n");
    expect(lines.filter((line) => line.startsWith("in"))).toHaveLength(6 * 12);
    expect(lines.filter((line) => line.startsWith("out"))).toHaveLength(6 * 12 - 3);
    const killed = new Set(
      contenders.filter((one) => one.signalCode === "SIGKILL").map(({ pid }) => `${pid}`),
    );
    let inside: string | null = null;
    for (const line of lines) {
      const [way, who] = line.split(" ");
      if (way === "in") {
        // Whoever is inside now has left, or was killed.
        expect(inside === null || killed.has(inside)).toBe(true);
        inside = who;
      } else {
        expect(who).toBe(inside);
        inside = null;
      }
    }
  });
});
