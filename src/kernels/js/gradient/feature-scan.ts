import type { Problem } from "../../../core/problem.ts";
import { layoutOf, offsetIn } from "../../../core/shape.ts";
import { type FeatureMap, learnedOf } from "../../../mechanisms/feature-map/declare.ts";
import { gradientName } from "../../../mechanisms/gradient/declare.ts";
import { Workspace } from "../../workspace.ts";
import { type Learned, learnedBy } from "../features/learned.ts";
import { type FeatureSlopes, featureSlopes } from "./features/feature-slopes.ts";
import { PowerState, type ScanState, SumState } from "./scan-state.ts";

/** A query among those that read a head of k. */
interface Query {
  readonly entry: number;
  readonly head: number;
  readonly row: number;
  /** Of the token that it stands at. */
  readonly position: number;
}

/**
 * Linear attention and its gradient, token by token. Forward a state sums keys, `S = Σ φ(k) [v, 1]ᵀ`; back another sums queries,
 * `U = Σ φ(q) [dout, -dout·out]ᵀ / Σw`. A query's gradient is what the first makes of its numbers, a key's what the second makes
 * of [v, 1], and that of v is read of the second with φ(k). Causal, each goes along: from the first token and from the last.
 * In FAVOR+ features are exponents, less the logarithm of `Σw` for a query.
 */
export class FeatureScan {
  readonly workspaceBytes: number;
  /** Features of a row. */
  readonly features: number;
  /** What a forward pass leaves: of each row `Σw` or its logarithm, and the state of all keys where every query sees them. */
  readonly left: readonly Float64Array[];
  readonly #problem: Problem<FeatureMap>;
  readonly #out: Float32Array;
  readonly #learn: Learned;
  readonly #sums: Float64Array;
  readonly #states: readonly ScanState[];
  readonly #reverse: ScanState;
  readonly #ofQueries: FeatureSlopes;
  readonly #ofKeys: FeatureSlopes;
  readonly #row: Float64Array;
  readonly #slopes: Float64Array;
  /** The numbers of a token, `[valueDim + 1]`, and what is read. */
  readonly #numbers: Float64Array;
  readonly #read: Float64Array;
  readonly #values: Float64Array;

  constructor(problem: Problem<FeatureMap>, out: Float32Array) {
    const { shape, mechanism, causal } = problem;
    const { batch, heads, kvHeads, queries, valueDim } = shape;
    const workspace = new Workspace();
    this.#problem = problem;
    this.#out = out;
    this.#learn = learnedBy(problem, mechanism);
    this.#ofQueries = featureSlopes(mechanism, shape, "query");
    this.#ofKeys = featureSlopes(mechanism, shape, "key");
    this.features = this.#ofKeys.count;
    const State = mechanism.feature.kind === "favor" ? PowerState : SumState;
    const state = (): ScanState => new State(this.features, valueDim + 1, workspace);
    this.#states = Array.from({ length: causal ? 1 : batch * kvHeads }, state);
    this.#reverse = state();
    this.#sums = workspace.float64(batch * heads * queries);
    this.#row = workspace.float64(this.features);
    this.#slopes = workspace.float64(this.features);
    this.#numbers = workspace.float64(valueDim + 1);
    this.#read = workspace.float64(valueDim + 1);
    this.#values = workspace.float64(valueDim);
    this.left = [this.#sums, ...(causal ? [] : this.#states.map(({ numbers }) => numbers))];
    this.workspaceBytes = workspace.bytes + this.#ofQueries.bytes + this.#ofKeys.bytes;
  }

  /** Writes the output. */
  forward(): void {
    this.#out.fill(0);
    this.#eachHead((entry, kvHead) => {
      const state = this.#state(entry, kvHead);
      state.clear();
      this.#eachToken(
        (token) => this.#addKey(state, entry, kvHead, token),
        (token) => this.#eachQuery(entry, kvHead, token, (query) => this.#answer(state, query)),
      );
    });
  }

  /** Writes the gradients of what the last forward pass was of. */
  backward(gradients: Readonly<Record<string, Float32Array>>, dout: Float32Array): void {
    const { causal, mechanism, shape } = this.#problem;
    // Queries before the first key have none.
    gradients.dq.fill(0);
    for (const { learned } of [this.#ofQueries, this.#ofKeys]) learned?.fill(0);
    this.#eachHead((entry, kvHead) => {
      const state = this.#state(entry, kvHead);
      if (causal) state.clear();
      this.#eachToken(
        (token) => causal && this.#addKey(state, entry, kvHead, token),
        (token) =>
          this.#eachQuery(entry, kvHead, token, (query) => this.#ofQuery(state, query, gradients.dq, dout)),
      );
      this.#reverse.clear();
      this.#eachTokenBack(
        (token) => this.#eachQuery(entry, kvHead, token, (query) => this.#addQuery(query, dout)),
        (token) => this.#ofKey(entry, kvHead, token, gradients),
      );
      if (entry === shape.batch - 1) this.#writeLearned(kvHead, gradients[this.#learnedName(mechanism)]);
    });
  }

  #learnedName({ feature }: FeatureMap): string {
    return gradientName(learnedOf(feature)?.name ?? "");
  }

  /** What was learned for a head is summed over the batch, over queries and over keys. */
  #writeLearned(kvHead: number, to: Float32Array | undefined): void {
    const [ofQueries, ofKeys] = [this.#ofQueries.learned, this.#ofKeys.learned];
    if (to === undefined || ofQueries === null || ofKeys === null) return;
    const at = kvHead * ofKeys.length;
    for (let i = 0; i < ofKeys.length; i++) to[at + i] = ofQueries[i] + ofKeys[i];
    ofQueries.fill(0);
    ofKeys.fill(0);
  }

  #eachHead(visit: (entry: number, kvHead: number) => void): void {
    const { batch, kvHeads } = this.#problem.shape;
    for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
      this.#learn(kvHead, this.#ofQueries);
      this.#learn(kvHead, this.#ofKeys);
      for (let entry = 0; entry < batch; entry++) visit(entry, kvHead);
    }
  }

  #state(entry: number, kvHead: number): ScanState {
    return this.#states[this.#problem.causal ? 0 : entry * this.#problem.shape.kvHeads + kvHead];
  }

  /** Every key before the queries that see it: one by one, or all keys first. */
  #eachToken(ofKey: (token: number) => void, ofQueries: (token: number) => void): void {
    const { causal, shape } = this.#problem;
    const first = Math.min(0, shape.length - shape.queries);
    if (!causal) for (let token = 0; token < shape.length; token++) ofKey(token);
    for (let token = causal ? 0 : first; token < shape.length; token++) {
      if (causal) ofKey(token);
      ofQueries(token);
    }
  }

  /** Every key after the queries that see it. */
  #eachTokenBack(ofQueries: (token: number) => void, ofKey: (token: number) => void): void {
    const { causal, shape } = this.#problem;
    const first = Math.min(0, shape.length - shape.queries);
    if (!causal) for (let token = shape.length - 1; token >= first; token--) ofQueries(token);
    for (let token = shape.length - 1; token >= 0; token--) {
      if (causal) ofQueries(token);
      ofKey(token);
    }
  }

  /** Queries at a token; the last stands at the last token. */
  #eachQuery(entry: number, kvHead: number, position: number, visit: (query: Query) => void): void {
    const { heads, kvHeads, length, queries } = this.#problem.shape;
    const row = position + queries - length;
    if (row < 0) return;
    const group = heads / kvHeads;
    for (let head = kvHead * group; head < (kvHead + 1) * group; head++)
      visit({ entry, head, row, position });
  }

  #addKey(state: ScanState, entry: number, kvHead: number, token: number): void {
    this.#takeKey(entry, kvHead, token);
    state.add(this.#row, this.#numbers);
  }

  /** The features of a key, and [v, 1]; gives where its row begins in k. */
  #takeKey(entry: number, kvHead: number, token: number): number {
    const { shape, inputs } = this.#problem;
    const at = offsetIn(layoutOf(shape, "k"), entry, kvHead, token);
    const valueAt = offsetIn(layoutOf(shape, "v"), entry, kvHead, token);
    this.#ofKeys.write(inputs.k, at, token, this.#row);
    for (let i = 0; i < shape.valueDim; i++) this.#numbers[i] = inputs.v[valueAt + i];
    this.#numbers[shape.valueDim] = 1;
    return at;
  }

  #answer(state: ScanState, { entry, head, row, position }: Query): void {
    const { shape, inputs, mechanism } = this.#problem;
    const { valueDim, heads, queries } = shape;
    this.#ofQueries.write(inputs.q, offsetIn(layoutOf(shape, "q"), entry, head, row), position, this.#row);
    const most = state.shift(this.#row);
    state.read(this.#row, this.#read);
    // Without a feature in common there is nothing to read, also where ε is 0.
    const sum = this.#read[valueDim] + mechanism.epsilon;
    const at = offsetIn(layoutOf(shape, "output"), entry, head, row);
    for (let i = 0; i < valueDim; i++) this.#out[at + i] = this.#read[i] / (sum || 1);
    this.#sums[(entry * heads + head) * queries + row] = state.isOfPowers ? most + Math.log(sum) : sum;
  }

  /** The features of a query, and [dout, -dout·out] divided by its sum; gives where its row begins in q. */
  #takeQuery({ entry, head, row, position }: Query, dout: Float32Array): number {
    const { shape, inputs } = this.#problem;
    const { valueDim, heads, queries } = shape;
    const at = offsetIn(layoutOf(shape, "q"), entry, head, row);
    const outAt = offsetIn(layoutOf(shape, "output"), entry, head, row);
    this.#ofQueries.write(inputs.q, at, position, this.#row);
    const sum = this.#sums[(entry * heads + head) * queries + row];
    const divisor = this.#reverse.isOfPowers ? 1 : sum;
    if (this.#reverse.isOfPowers) for (let r = 0; r < this.features; r++) this.#row[r] -= sum;
    let along = 0;
    for (let i = 0; i < valueDim; i++) {
      along += dout[outAt + i] * this.#out[outAt + i];
      this.#numbers[i] = divisor === 0 ? 0 : dout[outAt + i] / divisor;
    }
    this.#numbers[valueDim] = divisor === 0 ? 0 : -along / divisor;
    return at;
  }

  #ofQuery(state: ScanState, query: Query, dq: Float32Array, dout: Float32Array): void {
    const at = this.#takeQuery(query, dout);
    state.slopes(this.#row, this.#numbers, this.#slopes);
    this.#ofQueries.back(this.#slopes, this.#problem.inputs.q, at, query.position, dq);
  }

  #addQuery(query: Query, dout: Float32Array): void {
    this.#takeQuery(query, dout);
    this.#reverse.add(this.#row, this.#numbers);
  }

  #ofKey(
    entry: number,
    kvHead: number,
    token: number,
    { dk, dv }: Readonly<Record<string, Float32Array>>,
  ): void {
    const { shape, inputs } = this.#problem;
    const at = this.#takeKey(entry, kvHead, token);
    this.#reverse.slopes(this.#row, this.#numbers, this.#slopes);
    this.#reverse.read(this.#row, this.#values);
    dv.set(this.#values, offsetIn(layoutOf(shape, "v"), entry, kvHead, token));
    this.#ofKeys.back(this.#slopes, inputs.k, at, token, dk);
  }
}
