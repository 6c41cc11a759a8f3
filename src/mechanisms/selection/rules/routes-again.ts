import type { Numbers } from "../../../core/tensors.ts";
import { type RoutedHead, type Routes, routesOf } from "./routing-choice.ts";

interface Known {
  readonly numbers: readonly Numbers[];
  readonly routes: Routes;
}

/** By the q of a problem, and the place of a head in it. */
const known = new WeakMap<Numbers, Map<string, Known>>();

/**
 * The routes of a head by the definition: those found before if its numbers are still the same ones, as they are where rows
 * are asked for in one precision and then in another.
 */
export function routesAgain(q: Numbers, place: string, head: RoutedHead): Routes {
  let heads = known.get(q);
  if (heads === undefined) {
    heads = new Map();
    known.set(q, heads);
  }
  const { rule, length, headDim } = head;
  const key = `${place} of ${length} × ${headDim}: ${rule.clusters}, ${rule.window}`;
  const numbers = [head.q, head.k, head.starts];
  const found = heads.get(key);
  if (found?.numbers.every((copy, index) => isSame(copy, numbers[index]))) return found.routes;
  const routes = routesOf(head);
  heads.set(key, { numbers: numbers.map((one) => one.slice()), routes });
  return routes;
}

function isSame(one: Numbers, other: Numbers): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
