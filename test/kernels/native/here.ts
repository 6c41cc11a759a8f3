import process from "node:process";
import { describe } from "vitest";
import { createNative } from "../../../src/kernels/native/index.ts";

/** Why machine code of ours cannot run here; null if it can. */
const whyNotHere = createNative().unavailable?.() ?? null;

// Loud: a green run of these tests says nothing about code that did not run.
if (whyNotHere !== null) process.stderr.write(`SKIPPED: tests of native kernels, ${whyNotHere}\n`);

/** Tests that need a processor with AVX-512 and a Node that calls machine code; skipped, loudly, elsewhere. */
export const describeNative = describe.skipIf(whyNotHere !== null);
