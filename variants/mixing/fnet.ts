import { fourier } from "../../src/mechanisms/fourier/declare.ts";

/**
 * FNet: in the place of attention the real part of a Fourier transform over tokens and over channels,
 * `out = Re(DFT_N(DFT_d(v)))`, not normalised, so that outputs grow as √(N·d). q and k are not read; any length
 * will do.
 *
 * Departs: the paper transforms the whole hidden vector, all heads at once; here each head by itself, so that
 * heads are independent.
 */
export const fnet = fourier({
  id: "fnet",
  title: "FNet",
  summary: "a Fourier transform over tokens and channels in place of attention",
  tags: ["mixing", "linear"],
  source: "Lee-Thorp et al. 2021, arXiv 2105.03824",
  params: {},
  growth: (n) => n * Math.log2(n),
});
