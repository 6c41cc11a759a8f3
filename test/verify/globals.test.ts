import { afterEach, describe, expect, it } from "vitest";
import { putBackGlobals } from "../../src/verify/globals.ts";

afterEach(() => void putBackGlobals());

describe("what measuring rests on is put back, and named, where somebody replaced", () => {
  const changes: Record<string, () => void> = {
    "Math.exp": () => {
      Math.exp = () => 1;
    },
    "performance.now": () => {
      performance.now = () => 0;
    },
    Date: () => {
      globalThis.Date = class extends Date {} as DateConstructor;
    },
    "Float32Array.prototype.fill": () => {
      Float32Array.prototype.fill = function () {
        return this;
      };
    },
    "process.cpuUsage": () => {
      process.cpuUsage = Object.assign(() => ({ user: 0, system: 0 }), process.cpuUsage);
    },
    "Atomics.wait": () => {
      Object.defineProperty(Atomics, "wait", { value: () => "ok" });
    },
    "%TypedArray%.prototype[Symbol.iterator]": () => {
      Object.getPrototypeOf(Float32Array.prototype)[Symbol.iterator] = () => [].values();
    },
    "process.hrtime.bigint": () => {
      process.hrtime.bigint = () => 0n;
    },
  };
  it.each(Object.entries(changes))("%s", (name, change) => {
    const before = Math.exp(1) + new Float32Array(3).fill(2)[1];
    expect(putBackGlobals()).toBeNull();
    change();
    expect(putBackGlobals()).toBe(name);
    expect(putBackGlobals()).toBeNull();
    expect(Math.exp(1) + new Float32Array(3).fill(2)[1]).toBe(before);
    expect(performance.now()).toBeGreaterThan(0);
  });

  it("and a name that nothing else has is nobody's business", () => {
    const own = Array.prototype as unknown as Record<string, unknown>;
    own.lastOfMine = () => 1;
    expect(putBackGlobals()).toBeNull();
    delete own.lastOfMine;
  });
});
