import { FLOAT32_EPSILON, FLOAT32_TINIEST } from "../../core/error-budget.ts";
import type { Mechanism } from "../../core/mechanism.ts";
import type { ExactProblem } from "../../core/problem.ts";
import type { RowPlace } from "../../core/rows.ts";
import { layoutOf, offsetIn } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import type { Kind } from "../kind.ts";
import { float64, type Oracle, type ReferenceRow, type Rounding } from "../oracle.ts";
import { roundedProducts } from "../rounded-products.ts";
import { disturbedPaths } from "../swept-heads.ts";
import { LAYER_GAMMA, LAYER_WEIGHTS, type Layer, positionsOf, shapeOfHeads, widthOf } from "./declare.ts";
import { disturbedHeads } from "./disturbed-heads.ts";
import { type HeadInputs, headInputs } from "./oracle-heads.ts";
import { transposed } from "./transposed.ts";

/**
 * A layer by its definition: products, the oracle of the heads on them, and the product with W^O. Nothing of an earlier
 * call is kept, since inputs may hold other numbers the next time.
 */
export function layerOracle(problem: ExactProblem<Layer>, inner: Kind<Mechanism>): Oracle {
  const oracleOf = (inputs: HeadInputs): Oracle => inner.oracle(problemOfHeads(problem, inputs));
  const rowsBy =
    (ask: (oracle: Oracle) => Oracle) =>
    (places: readonly RowPlace[], round: Rounding): readonly ReferenceRow[] => {
      const asked = inner.readsOwnQuery === true ? queriesOf(problem, places) : null;
      const given = headInputs(problem, round, asked);
      const rowsOf = (inputs: HeadInputs) =>
        ask(oracleOf(inputs)).rows(placesOfHeads(problem, places), round);
      // Asked for once, and by those alone who want to know the slack.
      let moved: ReadonlyArray<readonly ReferenceRow[]> | undefined;
      const disturbed = () => {
        moved ??= disturbedHeads(problem, given, times, asked).map(rowsOf);
        return moved;
      };
      const times = disturbedPaths(shapeOfHeads(problem.mechanism, problem.shape).valueDim, 1);
      const project = outputProduct(problem, round);
      const rows = rowsOf(given);
      const { heads } = problem.mechanism;
      return places.map((place, at) => {
        const own = rows.slice(at * heads, (at + 1) * heads);
        return project(place, own, () => disturbed().map((all) => all.slice(at * heads, (at + 1) * heads)));
      });
    };
  const usual: Oracle = { rows: rowsBy((oracle) => oracle) };
  if (inner.choices?.(problem.mechanism.inner, shapeOfHeads(problem.mechanism, problem.shape)) === undefined)
    return usual;
  return {
    ...usual,
    on: (choice) => ({
      rows: rowsBy((oracle) => onChoice(oracle, choice)),
      whyNotChoice: (places) =>
        onChoice(oracleOf(headInputs(problem, float64, null)), choice).whyNotChoice(
          placesOfHeads(problem, places),
        ),
    }),
  };
}

function onChoice(oracle: Oracle, choice: Parameters<NonNullable<Oracle["on"]>>[0]) {
  if (oracle.on === undefined)
    throw new TypeError("layer: its heads choose, and their oracle must take a choice");
  return oracle.on(choice);
}

/** The problem of the heads: what they have learned, and what the products are. */
function problemOfHeads(problem: ExactProblem<Layer>, given: HeadInputs): ExactProblem {
  const { mechanism, shape, inputs, ...task } = problem;
  const heads = shapeOfHeads(mechanism, shape);
  return { ...task, mechanism: mechanism.inner, shape: heads, inputs: { ...inputs, ...given, shape: heads } };
}

/** The rows of q that some rows of the output read. */
function queriesOf(
  { shape: { queries } }: ExactProblem<Layer>,
  places: readonly RowPlace[],
): ReadonlySet<number> {
  return new Set(places.map(({ batch, row }) => batch * queries + row));
}

/** Every head of each row, in the order of the rows. */
function placesOfHeads({ mechanism }: ExactProblem<Layer>, places: readonly RowPlace[]): RowPlace[] {
  return places.flatMap(({ batch, row }) =>
    Array.from({ length: mechanism.heads }, (_, head) => ({ batch, head, row })),
  );
}

/** The last product, of what the heads made of a row. */
function outputProduct(problem: ExactProblem<Layer>, round: Rounding) {
  const { mechanism, inputs } = problem;
  const { shape } = inputs;
  const { matrix, bias } = LAYER_WEIGHTS.output;
  const width = shape.valueDim;
  const from = widthOf(mechanism, "output", shape);
  const weights = transposed(tensorNamed(inputs, matrix), from, width);
  const biases = mechanism.biases ? tensorNamed(inputs, bias) : null;
  const gamma = mechanism.residual ? tensorNamed(inputs, LAYER_GAMMA)[0] : null;
  const tokensAt = layoutOf(shape, "q");
  const positions = positionsOf(mechanism, "q");
  const table = positions === null ? null : tensorNamed(inputs, positions);
  return (
    { batch, head, row }: RowPlace,
    rows: readonly ReferenceRow[],
    disturbed: () => ReadonlyArray<readonly ReferenceRow[]>,
  ): ReferenceRow => {
    const heads = concatenated(rows.map((one) => one.values));
    const values = new Float64Array(width);
    roundedProducts(weights, width, from, heads, values, round);
    const at = offsetIn(tokensAt, batch, head, row);
    for (let c = 0; c < width; c++) {
      if (biases !== null) values[c] = round(values[c] + biases[c]);
      if (gamma !== null) {
        const token = round(inputs.q[at + c] + (table === null ? 0 : table[row * width + c]));
        values[c] = round(token + round(gamma * values[c]));
      }
    }
    const slack = (): Float64Array => {
      const moved = movedBy(rows, disturbed());
      return values.map((value, c) => {
        let squares = 0;
        for (let j = 0; j < from; j++) {
          squares += ((moved[j] + FLOAT32_EPSILON * Math.abs(heads[j])) * weights[c * from + j]) ** 2;
        }
        const product = Math.abs(gamma ?? 1) * Math.sqrt(squares);
        const added = gamma === null ? 0 : Math.abs(inputs.q[at + c]);
        return product + FLOAT32_EPSILON * (Math.abs(value) + added) + FLOAT32_TINIEST;
      });
    };
    return { values, magnitudes: values.map(Math.abs), slack };
  };
}

/**
 * How far each number of a row's heads may be off: by their own slack, and by as much as any of that head moved when
 * what it is made of was disturbed. Its numbers share that, since a few disturbances may all be lucky in one.
 */
function movedBy(
  rows: readonly ReferenceRow[],
  disturbed: ReadonlyArray<readonly ReferenceRow[]>,
): Float64Array {
  return concatenated(
    rows.map((row, head) => {
      let most = 0;
      for (const other of disturbed) {
        for (const [i, value] of other[head].values.entries()) {
          const off = Math.abs(value - row.values[i]);
          if (off > most) most = off;
        }
      }
      return row.slack().map((own) => own + most);
    }),
  );
}

function concatenated(rows: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
}
