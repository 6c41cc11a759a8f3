import process from "node:process";
import { afterEach, expect, test, vi } from "vitest";
import { interrupted } from "../../src/commands/interrupted.ts";

afterEach(() => {
  vi.restoreAllMocks();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(signal);
});

test("one interrupt that arrives twice, from the terminal and passed on, is one; a later one ends the process", () => {
  const kill = vi.spyOn(process, "kill").mockReturnValue(true);
  let now = 0;
  const signal = interrupted(() => now);
  expect(signal.aborted).toBe(false);
  process.emit("SIGINT", "SIGINT");
  expect(signal.aborted).toBe(true);
  now = 20;
  process.emit("SIGINT", "SIGINT");
  expect(kill).not.toHaveBeenCalled();
  now = 2000;
  process.emit("SIGTERM", "SIGTERM");
  expect(kill).toHaveBeenCalledWith(process.pid, "SIGTERM");
  // The system's own way to end it, which a handler would keep it from.
  expect(process.listenerCount("SIGTERM")).toBe(0);
});
