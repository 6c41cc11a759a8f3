import { distinctBelow } from "../../../core/random.ts";
import type { Shape } from "../../../core/shape.ts";
import type { TensorSpec } from "../../../core/tensor-spec.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import { pairFlops } from "../../../core/work.ts";
import { DATA_DEPENDENT, SORTED } from "../data-dependent.ts";
import { CENTRES, choiceSpecs, ROUTING_ROUNDS, type Routing, routingSizes } from "../declare.ts";
import type { RuleTruth } from "../rule.ts";
import { ofHead, onceAHead, queriesOf, weightsOfHead } from "./heads.ts";
import { upTo } from "./numbers.ts";
import { keysOf } from "./products.ts";
import { routesAgain } from "./routes-again.ts";
import { type RoutedHead, routedKeys, whyNotRoutes } from "./routing-choice.ts";

/** Keys that the centres took which took the query as well. */
export const routing: RuleTruth<Routing> = {
  causality: "either",
  // Centres are of all tokens.
  keepsPrefixes: false,
  // No centre may take a query.
  sumsToOne: false,
  inputs: (rule) => ({ [CENTRES]: startsOf(rule) }),
  work(rule, { shape, causal }) {
    const { length, headDim } = shape;
    const { clusters, window } = routingSizes(rule, length);
    const all = length ** 2;
    // Of centres that take tokens independently of one another.
    const expected = Math.round(all * (1 - (1 - window ** 2 / all) ** clusters) * (causal ? 1 / 2 : 1));
    return {
      pairs: expected,
      // All centres may take the same tokens, and queries none but later keys.
      fewestPairs: causal ? 1 : window ** 2,
      selectFlops: 4 * length * clusters * headDim * (ROUTING_ROUNDS + 1),
      attendFlops: pairFlops({ ...shape, batch: 1 }, expected),
    };
  },
  table: (rule) => ({
    perLayer: {
      text: "(Nk + kw²)d",
      letters: { k: rule.clusters ?? "√N", w: rule.window ?? "N/k" },
      at({ length, headDim }) {
        const { clusters, window } = routingSizes(rule, length);
        return (length * clusters + clusters * window ** 2) * headDim;
      },
    },
    sequential: SORTED,
    path: DATA_DEPENDENT,
  }),
  step: "around centres of all tokens; omit --mode decode",
  bind(rule, { inputs, causal }) {
    const { shape } = inputs;
    const { length } = shape;
    const { window } = routingSizes(rule, length);
    const starts = tensorNamed(inputs, CENTRES);
    const specs = choiceSpecs(rule, shape);
    const headOf = onceAHead(
      (place): RoutedHead => ({
        rule,
        length,
        headDim: shape.headDim,
        q: queriesOf(inputs.q, shape, place),
        k: keysOf(inputs, { ...place, row: 0 }),
        starts: weightsOfHead(starts, shape, startsOf(rule), place),
      }),
    );
    const exact = onceAHead((place) => routesAgain(inputs.q, `${place.batch} ${place.head}`, headOf(place)));
    const same = onceAHead((place) => place);
    return {
      keys(place, choice) {
        const routes = choice === null ? exact(place) : inHead(choice, specs, shape, place);
        return upTo(length).filter(routedKeys(routes, window, place.row, causal));
      },
      whyNot(places, choice) {
        for (const place of new Set(places.map(same))) {
          const failure = whyNotRoutes(headOf(place), inHead(choice, specs, shape, place));
          if (failure !== null) return `batch ${place.batch}, head ${place.head}: ${failure}`;
        }
        return null;
      },
    };
  },
};

/** Different rows of queries and then keys. */
function startsOf(rule: Routing): TensorSpec {
  return {
    dims: ["heads", 1, { of: ({ length }) => routingSizes(rule, length).clusters, text: "clusters" }],
    of: "weights",
    untrained: true,
    stream: "routing/centres",
    seed: rule.seed,
    fill: (random, to, { length }) => to.set(distinctBelow(2 * length, to.length, random)),
    rowText: "the tokens at which centres begin, different ones: 0 … N-1 are queries, N … 2N-1 keys",
    must: {
      hold: (x, { length }) => Number.isInteger(x) && x >= 0 && x < 2 * length,
      rule: "the number of a query, 0 … N-1, or of a key, N … 2N-1",
    },
  };
}

function inHead(
  { centres, queries, keys }: Readonly<Record<string, Int32Array>>,
  specs: ReturnType<typeof choiceSpecs>,
  shape: Shape,
  place: Parameters<typeof ofHead>[2],
) {
  const of = (array: Int32Array, name: string): Int32Array =>
    ofHead(array, shape, place, specs[name].rows * specs[name].perRow);
  return { centres: of(centres, "centres"), queries: of(queries, "queries"), keys: of(keys, "keys") };
}
