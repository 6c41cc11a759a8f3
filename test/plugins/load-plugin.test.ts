import { describe, expect, test } from "vitest";
import type { Task } from "../../src/core/problem.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import { loadedPlugin } from "../../src/plugins/load-plugin.ts";

const mine: Kernel = simpleKernel({ id: "mine", prepare: () => () => {} });
const brought = async (more: object): Promise<Kernel> =>
  (await loadedPlugin({ kernels: [{ ...mine, ...more }] })).kernels[0];

describe("of a plug-in's kernel", () => {
  test("it is kept why it cannot run here, and what rate a first guess may count on", async () => {
    const kernel = await brought({ unavailable: () => "it has no driver", assumedRate: 1e12 });
    expect(kernel.unavailable?.()).toBe("it has no driver");
    expect(kernel.assumedRate).toBe(1e12);
    expect((await brought({ unavailable: () => null })).unavailable?.()).toBeNull();
    expect(await brought({})).not.toHaveProperty("unavailable");
    expect(await brought({})).not.toHaveProperty("assumedRate");
  });

  test("what it opens is asked for once, and says of every task why it cannot run where there is none", async () => {
    let asked = 0;
    const open = (answer: true | string) => async () => {
      asked++;
      return answer;
    };
    expect((await brought({ open: open(true) })).supports({} as Task)).toBe(true);
    const closed = await brought({ open: open("no device") });
    expect(closed.supports({} as Task)).toBe("no device");
    expect(closed.unavailable?.()).toBe("no device");
    expect(asked).toBe(2);
  });

  test("what it says of a device is not taken: nobody knows that device, so that it is judged as a stranger", async () => {
    expect(await brought({ device: () => null })).not.toHaveProperty("device");
  });

  test("the freedoms that it declares are kept, and no others are taken", async () => {
    expect((await brought({ freedoms: ["kvHeads"] })).freedoms).toEqual(["kvHeads"]);
    expect(await brought({})).not.toHaveProperty("freedoms");
    for (const freedoms of ["kvHeads", ["heads"], [1]]) {
      await expect(brought({ freedoms })).rejects.toThrow(
        /kernel mine: freedoms must be an array of some of kvHeads, queries, valueDim, got /,
      );
    }
  });

  test("whether it can run here is answered whatever happens in it", async () => {
    const throwing = await brought({
      unavailable() {
        throw new Error("no bus");
      },
    });
    expect(throwing.unavailable?.()).toBe("unavailable threw no bus");
    expect((await brought({ unavailable: () => 7 })).unavailable?.()).toBe("unavailable returned 7");
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, "fast"])(
    "a rate of %s is none",
    async (assumedRate) => {
      await expect(brought({ assumedRate })).rejects.toThrow(
        /^plug-in a loaded plug-in: kernel mine: assumedRate must be operations per second, a number above 0, got /,
      );
    },
  );
});
