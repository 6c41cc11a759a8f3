import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { readResults } from "../../src/record/read.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { noDevice, whyNoDevice } from "../kernels/webgpu/test-device.ts";

const folder = scratchFolder();
const script = join(import.meta.dirname, "../../scripts/check-gpu.ts");
const run = (env = process.env) =>
  spawnSync(process.execPath, [script, join(folder.path, "gpu"), "--quick"], { encoding: "utf8", env });

test("where there is no GPU check:gpu says so in one line, and fails", () => {
  const { status, stdout, stderr } = run({ ...process.env, ATTNBENCH_VULKAN_LOADER: "/nowhere" });
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(/^check:gpu: ATTNBENCH_VULKAN_LOADER must be the path .*; nothing was checked\n$/);
});

describe.skipIf(noDevice)(`check:gpu${whyNoDevice}`, () => {
  test("verifies and times attention on the device, and leaves its results", () => {
    const { status, stdout } = run();
    expect(stdout).toMatch(/^webgpu: \S/);
    expect(stdout).toMatch(/\ncheck:gpu: all is right, see \S+\n$/);
    expect(status).toBe(0);
    const { rows, run: line } = readResults(join(folder.path, "gpu/quick.jsonl"), "quick");
    expect(rows.map(({ outcome, clock }) => [outcome, clock])).toEqual(Array(4).fill(["measured", "host"]));
    expect(line.environment.devices?.[0].rates?.tile_flops_per_s).toBeGreaterThan(0);
    for (const row of rows) expect(row.percent_of_ceiling).toBeGreaterThan(0);
  }, 600_000);
});
