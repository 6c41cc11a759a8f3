import type { JudgedProblem } from "../../judged.ts";
import type { Law } from "../../laws/law.ts";
import { compareTwins, problemOfSort, type Twins } from "../../laws/twins.ts";
import { type Feature, type FeatureMap, isFeatureMap } from "../declare.ts";

/** A law of some feature maps: the kernel solves one problem, the reference another that must be the same. */
export function sameAs(
  title: string,
  holdsFor: (feature: Feature) => boolean,
  twins: (problem: JudgedProblem & { readonly mechanism: FeatureMap }) => Twins,
): Law {
  return {
    title,
    applies: ({ filled: { mechanism } }) => isFeatureMap(mechanism) && holdsFor(mechanism.feature),
    check: (subject) => compareTwins(subject, twins(problemOfSort(subject, isFeatureMap))),
  };
}

/** Whether features are of relu(x), and linear in it. */
export function isRectified(feature: Feature): boolean {
  return feature.kind === "reweighted" || (feature.kind === undefined && feature.id === "relu");
}
