import { environmentDifferences, otherPlaces } from "../../compare/environment-differences.ts";
import { FailureError, printable, UsageError } from "../../core/errors.ts";
import { packageRoot } from "../../files/package-root.ts";
import { blockNoise } from "../../gate/judge/block-noise.ts";
import { readEnvironment } from "../../machine/environment.ts";
import { awaitBlocks, type ReadBlocks } from "../../record/read-blocks.ts";
import type { Host } from "../host.ts";
import { turnsOf } from "./session.ts";

/** A calibration, and whether it was requested: one that merely exists may be unsuitable. */
export interface CalibrationFile {
  readonly path: string;
  readonly asked: boolean;
}

/** How a gate measures, as far as noise depends on it. */
interface Method {
  readonly cellTime?: Parameters<typeof turnsOf>[0];
  readonly simd?: string | undefined;
}

/** The noise of cells as calibrated here; empty if it was not, or under other settings. */
export async function noiseOf(
  calibration: CalibrationFile | null,
  { cellTime, simd }: Method,
  host: Pick<Host, "warn">,
): Promise<ReadonlyMap<string, number>> {
  if (calibration === null) return new Map();
  const { path, asked } = calibration;
  const pass = (why: string) => {
    host.warn(`${why}; the calibration is not used`);
    return new Map<string, number>();
  };
  let blocks: ReadBlocks;
  try {
    blocks = await awaitBlocks(path);
  } catch (thrown) {
    if (asked || !(thrown instanceof FailureError || thrown instanceof UsageError)) throw thrown;
    return pass(thrown.message);
  }
  const { environment, plan: calibrated } = blocks.gate;
  const now = readEnvironment(packageRoot(), []);
  const [other] = otherPlaces(environmentDifferences(environment, now));
  if (other !== undefined) {
    return pass(
      `${printable(path)} was made with ${printable(other.field, 60)} ${printable(other.base)}, this is ${printable(other.head)}`,
    );
  }
  const where = `${printable(path)} was made`;
  if (calibrated.entry_s !== turnsOf(cellTime).entry_s) return pass(`${where} with another --cell-time`);
  if (simd !== undefined && simd !== calibrated.simd) return pass(`${where} with another --simd`);
  return blockNoise(blocks);
}
