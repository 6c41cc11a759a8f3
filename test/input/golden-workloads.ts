import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A file, in base64, and what Pillow, ffmpeg or numpy made of it. */
interface GoldenWorkloads {
  readonly pictures: readonly {
    readonly name: string;
    readonly file: string;
    readonly width: number;
    readonly height: number;
    /** What white is. */
    readonly scale: number;
    /** How far decoders may differ. */
    readonly within: number;
    readonly pixels: readonly number[];
  }[];
  readonly sounds: readonly {
    readonly name: string;
    readonly file: string;
    readonly rate: number;
    readonly samples: readonly number[];
  }[];
  /** Of samples of 16 bits, `[frames, 80]`. */
  readonly mel: readonly {
    readonly rate: number;
    readonly samples: readonly number[];
    readonly frames: number;
    readonly features: readonly number[];
  }[];
}

export const goldenWorkloads: GoldenWorkloads = JSON.parse(
  readFileSync(join(import.meta.dirname, "../golden/workloads/files.json"), "utf8"),
);
