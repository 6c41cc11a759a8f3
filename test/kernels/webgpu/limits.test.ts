import { describe, expect, it } from "vitest";
import type { Device } from "../../../src/kernels/webgpu/gpu/device.ts";
import { deviceFacts } from "../../../src/kernels/webgpu/limits/device-facts.ts";
import { measureRates } from "../../../src/kernels/webgpu/limits/index.ts";
import { bytesToRead, memoryReads } from "../../../src/kernels/webgpu/limits/memory-reads.ts";
import { probedRate } from "../../../src/kernels/webgpu/limits/probe.ts";
import { REGISTER_PRODUCTS } from "../../../src/kernels/webgpu/limits/register-products.ts";
import { TILE_PRODUCTS } from "../../../src/kernels/webgpu/limits/tile-products.ts";
import { device as deviceLine } from "../../../src/record/schema/device.ts";
import { noDevice, theDevice, whyNoDevice } from "./test-device.ts";

const MiB = 2 ** 20;

describe("the probes' work", () => {
  it("of products in registers is that of the products in their text", () => {
    const products = REGISTER_PRODUCTS.code.match(/fma\(/g) ?? [];
    const [, threads] = /workgroup_size\((\d+)\)/.exec(REGISTER_PRODUCTS.code) ?? [];
    expect(REGISTER_PRODUCTS.work).toBe(2 * 4 * products.length * Number(threads));
  });

  it("of products of tiles is that of the products in their text, for each of a chunk's 16", () => {
    const products = TILE_PRODUCTS.code.match(/fma\(/g) ?? [];
    const [, threads] = /workgroup_size\((\d+)\)/.exec(TILE_PRODUCTS.code) ?? [];
    expect(TILE_PRODUCTS.work).toBe(2 * 4 * 16 * products.length * Number(threads));
  });

  it.each([16, 64, 512])("of reading %i MiB is each quad of them once a round", (size) => {
    const { code, groups, work } = memoryReads({ size: size * MiB } as GPUBuffer);
    const quads = (size * MiB) / 16;
    const [, threads] = /workgroup_size\((\d+)\)/.exec(code) ?? [];
    const started = groups.most * Number(threads);
    const [, end] = /at < (\d+)u/.exec(code) ?? [];
    const [, step] = /at \+= (\d+)u/.exec(code) ?? [];
    const places = [0, ...[...code.matchAll(/memory\[at \+ (\d+)u\]/g)].map(([, place]) => Number(place))];
    expect(Number(end)).toBe(quads);
    expect(places).toEqual([0, started, 2 * started, 3 * started]);
    expect(Number(step)).toBe(4 * started);
    // Steps that do not divide it would read beyond its end.
    expect(quads % Number(step)).toBe(0);
    expect(work * groups.most).toBe(size * MiB);
  });

  it.each([
    [false, 2 ** 40, 2 ** 40, 512],
    [true, 2 ** 40, 2 ** 40, 64],
    [false, 2 ** 30, 128 * MiB, 128],
    [false, 200 * MiB, 2 ** 30, 128],
  ])(
    "is on as much memory as a device holds and binds: software %s, %i, %i",
    (isSoftware, most, bound, size) => {
      const limits = { maxBufferSize: most, maxStorageBufferBindingSize: bound };
      expect(bytesToRead({ isSoftware, gpu: { limits } } as unknown as Device)).toBe(size * MiB);
    },
  );
});

describe.skipIf(noDevice)(`a device's limits${whyNoDevice}`, () => {
  it("are measured, each of them a rate, with facts that a results file holds", async () => {
    const device = theDevice();
    const rates = await measureRates(device);
    for (const name of ["register_flops_per_s", "tile_flops_per_s", "read_bytes_per_s"] as const) {
      expect(rates[name]).toBeGreaterThan(0);
    }
    const line = { kernel: "webgpu", ...deviceFacts(device), rates };
    expect(deviceLine.parse(JSON.parse(JSON.stringify(line)))).toEqual(line);
    expect(line.limits.maxComputeWorkgroupStorageSize).toBeGreaterThanOrEqual(16_384);
    expect(line.name).not.toBe("");
  });

  it("are told by the host's clock where the device has none", async () => {
    const device = theDevice();
    const without = new Proxy(device, {
      get: (of, name) => {
        if (name === "has") return () => false;
        const value: unknown = Reflect.get(of, name, of);
        return typeof value === "function" ? value.bind(of) : value;
      },
    });
    const { clock, perSecond } = await probedRate(without, REGISTER_PRODUCTS);
    expect(clock).toBe("host");
    expect(perSecond).toBeGreaterThan(0);
  });
});
