import { whyNotShape } from "../../core/shape.ts";
import { type Fourier, isFourier } from "../../mechanisms/fourier/declare.ts";
import type { Ability } from "../by-kind.ts";
import { whyTooWide } from "./fits.ts";
import { prepareFourier } from "./fourier-kernel.ts";
import type { Means } from "./means.ts";

/** Fourier transforms of the values. */
export const fourier: Ability<Fourier, Means> = {
  is: isFourier,
  whyNot: ({ shape }) => whyNotShape(shape, ["kvHeads", "valueDim"]) ?? whyTooWide(shape),
  prepare: (problem, means) => prepareFourier(problem, means),
};
