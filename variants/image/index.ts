import type { Variant } from "../../src/core/variant.ts";
import { axial } from "./axial.ts";
import { neighbourhood } from "./neighbourhood.ts";
import { swin } from "./swin.ts";

/** Tokens are the pixels of an image, row by row, and a query attends those near it or in line with it. */
export const image: readonly Variant[] = [axial, neighbourhood, swin];
