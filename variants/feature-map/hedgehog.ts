import { featureMap } from "../../src/mechanisms/feature-map/declare.ts";
import { EPS } from "./eps.ts";

/**
 * Hedgehog, untrained: φ(x) = [softmax(x), softmax(-x)] over the channels of a row.
 *
 * Departs: the map that the paper learns before it is the identity, at which its training begins. Of three
 * readings in public code this is that of two softmaxes; others are one softmax over both halves, and
 * exponentials that are not normalised.
 */
export const hedgehog = featureMap({
  id: "hedgehog",
  title: "Hedgehog",
  summary: "softmax over channels, of x and of -x",
  tags: ["feature-map", "linear"],
  source: "Zhang et al. 2024, arXiv 2402.04347",
  params: { eps: EPS },
  feature: { kind: "channel-softmax" },
  epsilon: ({ eps }) => eps,
  exponent: () => 1,
});
