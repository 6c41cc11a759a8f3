import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createNative } from "../../../src/kernels/native/index.ts";

const unavailable = createNative().unavailable?.() ?? null;

/** Runs so many problems on arrays between pages that nobody may touch. */
function runGuarded(count: number): { status: number | null; signal: string | null; printed: string } {
  const program = fileURLToPath(new URL("guarded-process.ts", import.meta.url));
  const args = ["--no-warnings", program, String(count), "20261130"];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return { status, signal, printed: stdout + stderr };
}

describe.runIf(unavailable === null)("machine code", () => {
  it("neither reads nor writes beyond any array of a call, nor of a gradient's", () => {
    const printed = "600, of which some are gradients\n";
    expect(runGuarded(600)).toEqual({ status: 0, signal: null, printed });
  });
});
