import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
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
  const parent = spawn("bash", ["-c", "true & echo $!; exec sleep 600"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = await once(createInterface({ input: parent.stdout }), "line");
    await vi.waitFor(() => expect(isRunning(Number(line))).toBe(false), 60_000);
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
