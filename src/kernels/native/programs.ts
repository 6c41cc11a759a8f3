import { createHash } from "node:crypto";
import { identify } from "./call/processor.ts";
import type { Program } from "./call/program.ts";
import { DECODING_PROGRAMS } from "./decode/program.ts";
import { featureGradientProgram } from "./features/gradient/program.ts";
import { featureProgram } from "./features/program.ts";
import { BACKWARD_PROGRAMS } from "./gradient/program.ts";
import { LIMIT_PROGRAMS } from "./limits/programs.ts";
import { ATTENTION_PROGRAMS } from "./pairwise/program.ts";
import { TURN_ROWS } from "./pairwise/turned-rows.ts";
import { PRODUCTS } from "./products/operations.ts";
import { RECURRENCE_BACKWARD_PROGRAMS } from "./recurrence/gradient/program.ts";
import { RECURRENCE_PROGRAMS } from "./recurrence/program.ts";
import { POWERS } from "./summary/unit-vectors.ts";

/** All machine code of the family. */
export const PROGRAMS: readonly Program[] = [
  identify,
  ...LIMIT_PROGRAMS,
  ...ATTENTION_PROGRAMS,
  ...BACKWARD_PROGRAMS,
  TURN_ROWS,
  ...DECODING_PROGRAMS,
  featureProgram,
  featureGradientProgram,
  PRODUCTS,
  POWERS,
  ...RECURRENCE_PROGRAMS,
  ...RECURRENCE_BACKWARD_PROGRAMS,
];

/** The first 12 digits of the hash of all that code, whatever of it is loaded and by which route. */
export function codeHash(): string {
  const hash = createHash("sha256");
  for (const program of PROGRAMS) hash.update(program.assemble().bytes);
  return hash.digest("hex").slice(0, 12);
}
