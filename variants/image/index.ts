import { family } from "../../src/core/family.ts";
import { axial } from "./axial.ts";
import { neighbourhood } from "./neighbourhood.ts";
import { swin } from "./swin.ts";

export const image = family("image", "tokens are pixels, row by row, that attend those near or in line", [
  axial,
  neighbourhood,
  swin,
]);
