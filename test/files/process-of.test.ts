import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { expect, test, vi } from "vitest";
import { beganOf, isRunning } from "../../src/files/process-of.ts";

test("a process runs until it has ended", async () => {
  expect(isRunning(process.pid)).toBe(true);
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const pid = Number(child.pid);
  expect(isRunning(pid)).toBe(true);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isRunning(pid)).toBe(false);
});

const onLinux = test.skipIf(!existsSync("/proc/self/stat"));

onLinux("one that has ended runs no more, though its parent has not taken note", async () => {
  // The shell becomes a program that looks after no child of it.
  const parent = spawn("bash", ["-c", "cat <&0 >/dev/null & echo $!; exec sleep 600 <&-"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const [line] = await once(createInterface({ input: parent.stdout }), "line");
    const became = () => readFileSync(`/proc/${parent.pid}/comm`, "utf8");
    await vi.waitFor(() => expect(became()).toBe("sleep\n"), 60_000);
    expect(isRunning(Number(line))).toBe(true);
    parent.stdin.end();
    await vi.waitFor(() => expect(isRunning(Number(line))).toBe(false), 60_000);
    // It is still known by its id.
    process.kill(Number(line), 0);
    expect(isRunning(Number(parent.pid))).toBe(true);
  } finally {
    parent.kill("SIGKILL");
  }
});

onLinux("when a process began tells it from another of its id", () => {
  expect(beganOf(process.pid)).toMatch(/^\d+$/);
  expect(beganOf(process.pid)).toBe(beganOf(process.pid));
  expect(beganOf(process.ppid)).not.toBe(beganOf(process.pid));
  expect(beganOf(2 ** 30)).toBeNull();
});
