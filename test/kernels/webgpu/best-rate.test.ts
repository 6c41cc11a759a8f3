import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { believed, bestRate, type Size } from "../../../src/kernels/webgpu/limits/best-rate.ts";

/** A device that does so much a second, on as many workgroups at once at most, and takes so long for each submission. */
interface Simulated {
  readonly perSecond: number;
  readonly atOnce: number;
  readonly submission: number;
  readonly clock: "host" | "device";
}

async function probed({ perSecond, atOnce, submission, clock }: Simulated, work: number) {
  let at = 0;
  const sizes: Size[] = [];
  const best = await bestRate({
    groups: { least: 32, most: 8192 },
    work,
    async run({ groups, rounds }) {
      sizes.push({ groups, rounds });
      const waves = Math.ceil(groups / atOnce);
      const seconds = (waves * rounds * work * atOnce) / perSecond;
      at += submission + seconds;
      return { seconds: clock === "host" ? submission + seconds : seconds, clock };
    },
    now: () => at,
  });
  return { best, seconds: at, sizes };
}

const device = fc.record({
  perSecond: fc.double({ min: 1e9, max: 1e14, noNaN: true }),
  atOnce: fc.integer({ min: 1, max: 1500 }),
  submission: fc.double({ min: 1e-6, max: 1e-3, noNaN: true }),
  clock: fc.constantFrom("host" as const, "device" as const),
});
/** Of a workgroup and round. */
const work = fc.integer({ min: 2 ** 14, max: 2 ** 18 });

describe("the best rate of a device", () => {
  it("is what it does in a second, neither more nor a tenth less, whatever its pace and its clock", async () => {
    await fc.assert(
      fc.asyncProperty(device, work, async (simulated, each) => {
        const { best, sizes } = await probed(simulated, each);
        expect(best.clock).toBe(simulated.clock);
        expect(best.perSecond).toBeLessThanOrEqual(simulated.perSecond * (1 + 1e-9));
        // The last workgroups may be few where many run at once.
        const { groups } = sizes[sizes.length - 1];
        const full = groups / (Math.ceil(groups / simulated.atOnce) * simulated.atOnce);
        expect(best.perSecond).toBeGreaterThan(0.9 * full * simulated.perSecond);
      }),
    );
  });

  it("is found within some seconds on the slowest, by few runs, of which none is long before a shorter one was", async () => {
    await fc.assert(
      fc.asyncProperty(device, work, async (simulated, each) => {
        const slow = { ...simulated, perSecond: simulated.perSecond / 1e4, atOnce: 1 };
        const { best, seconds, sizes } = await probed(slow, each);
        expect(best.perSecond).toBeGreaterThan(0);
        const first = (32 * each) / slow.perSecond;
        expect(seconds).toBeLessThan(2 * (first + 1e-3) + 1.5 + Math.max(1, 2 * first));
        for (const [index, { groups, rounds }] of sizes.entries()) {
          const before = sizes[Math.max(0, index - 1)];
          expect(groups * rounds).toBeLessThanOrEqual(17 * before.groups * before.rounds);
        }
      }),
    );
  });

  it("is told by the device's clock, unless that tells more than was awaited or less than half of it", () => {
    expect(believed(0.9, 1)).toEqual({ seconds: 0.9, clock: "device" });
    for (const told of [null, 0, 0.4, 1.1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(believed(told, 1)).toEqual({ seconds: 1, clock: "host" });
    }
  });
});
