import { describe, expect, test } from "vitest";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import { loadedPlugin } from "../../src/plugins/load-plugin.ts";
import { refusal } from "../input/refusal.ts";

const mine: Kernel = simpleKernel({ id: "mine", prepare: () => () => {} });
const brought = (more: object): Kernel => loadedPlugin({ kernels: [{ ...mine, ...more }] }).kernels[0];

describe("of a plug-in's kernel", () => {
  test("it is kept why it cannot run here, and what rate a first guess may count on", () => {
    const kernel = brought({ unavailable: () => "it has no driver", assumedRate: 1e12 });
    expect(kernel.unavailable?.()).toBe("it has no driver");
    expect(kernel.assumedRate).toBe(1e12);
    expect(brought({ unavailable: () => null }).unavailable?.()).toBeNull();
    expect(brought({})).not.toHaveProperty("unavailable");
    expect(brought({})).not.toHaveProperty("assumedRate");
  });

  test("whether it can run here is answered whatever happens in it", () => {
    const throwing = brought({
      unavailable() {
        throw new Error("no bus");
      },
    });
    expect(throwing.unavailable?.()).toBe("unavailable threw no bus");
    expect(brought({ unavailable: () => 7 }).unavailable?.()).toBe("unavailable returned 7");
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, "fast"])("a rate of %s is none", (assumedRate) => {
    expect(refusal(() => brought({ assumedRate }))).toMatch(
      /^plug-in a loaded plug-in: kernel mine: assumedRate must be operations a second, a number above 0, got /,
    );
  });
});
