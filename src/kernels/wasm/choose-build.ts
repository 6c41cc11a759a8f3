import { messageOf } from "../../core/errors.ts";
import { platform } from "../../platform/here.ts";
import { checksBounds } from "../address-space.ts";
import { Arena } from "./arena.ts";
import { BUILD_NAMES, type Build, openBuild } from "./build.ts";
import { PANEL_QUERIES, QUERY_ROW, SCORE_ROW, SHORT_PANEL } from "./layout.ts";
import { microKernelRate } from "./micro-kernel-rate.ts";

/** Builds that may be asked for; `auto` is the fastest here and now. */
export const SIMD = ["auto", ...BUILD_NAMES] as const;
export type Simd = (typeof SIMD)[number];

/** The build to use, and all that could be used. */
export interface Chosen {
  readonly build: Build;
  readonly available: readonly Build[];
}

/**
 * The build that was asked for, or the one whose micro-kernel is fastest here and now among those that
 * compute correctly: versions and processors are not sniffed. A string says why there is none.
 */
export function chooseBuild(simd: Simd): Chosen | string {
  if (typeof WebAssembly !== "object") return "this engine has no WebAssembly";
  try {
    // One memory for all builds that are tried: each reserves gigabytes of addresses.
    let arena: Arena | undefined;
    const checked = checksBounds(() => {
      arena = new Arena();
    });
    return arena === undefined ? "its memory cannot be allocated" : chosenOf(simd, arena, checked);
  } catch (thrown) {
    return `its memory cannot be allocated, ${messageOf(thrown)}`;
  }
}

function chosenOf(simd: Simd, arena: Arena, checked: boolean): Chosen | string {
  if (simd !== "auto") {
    const build = openBuild(simd, checked);
    platform.setFusion(simd === "wide");
    if (typeof build === "string") return build;
    return isRight(build, arena)
      ? { build, available: [build] }
      : `its ${simd} build computes wrong results on this engine`;
  }
  const opened = BUILD_NAMES.map((name) => openBuild(name, checked));
  const available = opened
    .filter((build) => typeof build !== "string")
    .filter((build) => isRight(build, arena));
  if (available.length === 0) {
    return (
      opened.find((build) => typeof build === "string") ??
      "none of its builds computes correct results on this engine"
    );
  }
  const rates = available.map((build) => {
    platform.setFusion(build.name === "wide");
    return microKernelRate(build);
  });
  const build = available[rates.indexOf(Math.max(...rates))];
  platform.setFusion(build.name === "wide");
  return { build, available };
}

/**
 * The build that `auto` means here and now, so that others can be told its name; `auto` if there is none.
 */
export function namedBuild(simd: Simd): Simd {
  if (simd !== "auto") return simd;
  const chosen = chooseBuild("auto");
  return typeof chosen === "string" ? "auto" : chosen.build.name;
}

/** Whether the micro-kernel gives the exact product of small integers, at both its row counts. */
function isRight(build: Build, arena: Arena): boolean {
  const { panelKeys } = build;
  const inner = 5;
  const [a, b, c] = [PANEL_QUERIES * QUERY_ROW, inner * panelKeys * 4, PANEL_QUERIES * SCORE_ROW].map(
    (bytes) => arena.reserve(bytes).start,
  );
  const whole = arena.floats(0, arena.memory.buffer.byteLength / 4);
  const left = (row: number, i: number): number => ((row * 7 + i * 3) % 11) - 5;
  const right = (i: number, column: number): number => ((column * 5 + i) % 13) - 6;
  for (let i = 0; i < inner; i++) {
    for (let row = 0; row < PANEL_QUERIES; row++) whole[(a + row * QUERY_ROW) / 4 + i] = left(row, i);
    for (let column = 0; column < panelKeys; column++)
      whole[b / 4 + i * panelKeys + column] = right(i, column);
  }
  for (const rows of [PANEL_QUERIES, SHORT_PANEL]) {
    arena.instance(build).scoresTile(rows, a, b, panelKeys * 4, c, SCORE_ROW, inner);
    for (let place = 0; place < rows * panelKeys; place++) {
      const [row, column] = [Math.floor(place / panelKeys), place % panelKeys];
      let sum = 0;
      for (let i = 0; i < inner; i++) sum += left(row, i) * right(i, column);
      if (whole[(c + row * SCORE_ROW) / 4 + column] !== sum) return false;
      whole[(c + row * SCORE_ROW) / 4 + column] = Number.NaN;
    }
  }
  return true;
}
