import { expect, test } from "vitest";
import { FailureError } from "../../src/core/errors.ts";
import type { ComputeDevice, Kernel } from "../../src/kernels/kernel.ts";
import { devicesOf, measureDevices } from "../../src/machine/devices.ts";
import type { DeviceFacts, DeviceRates } from "../../src/record/schema/device.ts";

const facts: DeviceFacts = {
  name: "a device",
  vendor: "",
  architecture: "",
  device: "",
  description: "",
  software: null,
  driver: null,
  implementation: "a test",
  toggles: [],
  features: [],
  limits: {},
};
const rates: DeviceRates = {
  clock: "device",
  register_flops_per_s: 3e9,
  tile_flops_per_s: 2e9,
  read_bytes_per_s: 1e9,
  read_bytes: 64,
};

function computing(id: string, device?: () => ComputeDevice | null): Kernel {
  return {
    id,
    title: id,
    ...(device && { device }),
    supports: () => true,
    prepare: () => {
      throw new TypeError(`${id}: it runs nothing`);
    },
  };
}
const reaching = (id: string, told: DeviceRates) =>
  computing(id, () => ({ facts, measure: async () => told }));

test("kernels that compute on processors have no device, nor do those that are not open", async () => {
  const kernels = [computing("js"), computing("closed", () => null)];
  expect(devicesOf(kernels)).toEqual({});
  expect(await measureDevices(kernels, (line) => expect(line).toBe(""))).toEqual({});
});

test("a device is what it says of itself, by the kernel that computes on it, with what it was measured to reach", async () => {
  const kernels = [computing("js"), reaching("gpu", rates)];
  expect(devicesOf(kernels)).toEqual({ devices: [{ kernel: "gpu", ...facts }] });
  const { devices } = await measureDevices(kernels, (line) => expect(line).toBe(""));
  expect(devices).toEqual([{ kernel: "gpu", ...facts, rates }]);
});

test("a rate that no results file could hold is not known", async () => {
  for (const rate of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, null]) {
    const told = { ...rates, register_flops_per_s: rate, tile_flops_per_s: rate, read_bytes_per_s: rate };
    const { devices } = await measureDevices([reaching("gpu", told)], () => {});
    const unknown = { register_flops_per_s: null, tile_flops_per_s: null, read_bytes_per_s: null };
    expect(devices?.[0].rates).toEqual({ ...rates, ...unknown });
  }
});

test("a device that fails while it is measured stays without rates, in one line that says why", async () => {
  const lines: string[] = [];
  const lost = computing("gpu", () => ({
    facts,
    measure: () => Promise.reject(new FailureError("webgpu: the device was lost")),
  }));
  const { devices } = await measureDevices([lost, reaching("other", rates)], (line) => lines.push(line));
  expect(devices).toEqual([
    { kernel: "gpu", ...facts },
    { kernel: "other", ...facts, rates },
  ]);
  expect(lines).toEqual(["kernel gpu: what its device reaches is not known, webgpu: the device was lost"]);
});
