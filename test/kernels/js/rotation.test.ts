import { expect, it } from "vitest";
import { Rotation } from "../../../src/kernels/js/rotation.ts";
import { Workspace } from "../../../src/kernels/workspace.ts";
import { turnPerToken } from "../../../src/pairwise/turn.ts";

it("turns by the position's own angle, also before the first key and far from the looked-up ones", () => {
  for (const layout of ["interleaved", "half"] as const) {
    const turn = { layout, base: 100 };
    const rotation = new Rotation(turn, 4, -300, 1000, new Workspace());
    for (const position of [-300, -45, -1, 0, 1, 255, 256, 700, 999]) {
      const row = new Float64Array([1, 0, 0, 0]);
      rotation.turnRow(row, 0, position);
      const angle = position * turnPerToken(turn, 0, 4);
      expect(row[0]).toBeCloseTo(Math.cos(angle), 12);
      expect(row[layout === "half" ? 2 : 1]).toBeCloseTo(Math.sin(angle), 12);
    }
  }
});
