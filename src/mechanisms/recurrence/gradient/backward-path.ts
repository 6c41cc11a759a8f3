import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import type { Rounding } from "../../oracle.ts";
import type { Recurrence } from "../declare.ts";
import { State } from "../state.ts";
import { dot } from "../unit-length.ts";
import { GateGradients } from "./gate-gradients.ts";
import { Token } from "./token.ts";

/** The tokens of a head that a path goes back over. */
export interface Span {
  /** The last one that dout has numbers for. */
  readonly last: number;
  /** The first one whose gradients are asked for. */
  readonly first: number;
}

/** The gradients of one token of a head. */
export interface TokenGradients {
  /** By the names of inputs: `[headDim]` of q and k, `[valueDim]` of v, and those of gates that are given. */
  readonly [input: string]: Float64Array;
}

/**
 * One head of a recurrence, back over its tokens as the chain rule has it: the gradient R of the state is carried from each
 * token to the one before, as the state was carried the other way. States are computed from every so many tokens on once
 * more, so that √N of them are held. `round` takes the result of every operation; `lean` is that of the decays. Gives the
 * gradients of the head's weights.
 */
export function goBack(
  problem: GradientProblem<Recurrence>,
  { batch, head, round, lean }: { batch: number; head: number; round: Rounding; lean: number },
  { first, last }: Span,
  visit: (token: number, gradients: TokenGradients) => void,
): Readonly<Record<string, Float64Array>> {
  const { headDim, valueDim } = problem.shape;
  const token = new Token(problem, batch, head, round, lean);
  const gates = new GateGradients(problem, batch, head, round);
  const state = (): State => new State(headDim, valueDim, round);
  const step = new BackwardStep(problem.mechanism, token, state(), round);
  const stride = Math.max(1, Math.ceil(Math.sqrt(last + 1)));
  const kept: State[] = [];
  const now = state();
  for (let at = 0; at <= last; at++) {
    if (at % stride === 0) kept.push(copyOf(now, state()));
    token.take(at);
    step.forward(now);
  }
  const before = Array.from({ length: stride }, state);
  for (let block = kept.length - 1; block >= 0 && (block + 1) * stride > first; block--) {
    const from = block * stride;
    const end = Math.min(from + stride, last + 1);
    now.copy(kept[block]);
    for (let at = from; at < end; at++) {
      before[at - from].copy(now);
      token.take(at);
      step.forward(now);
    }
    for (let at = end - 1; at >= Math.max(from, first); at--) {
      token.take(at);
      step.backward(before[at - from], now);
      gates.take(at, token, step.ofAlpha, step.ofBeta, step.ofKey);
      visit(at, { q: step.ofQuery, k: step.ofKey, v: step.ofValue, ...gates.ofToken });
    }
  }
  return gates.weights();
}

function copyOf(state: State, to: State): State {
  to.copy(state);
  return to;
}

/** One token, forward and back. */
class BackwardStep {
  /** The gradients of the last token, `[headDim]` and `[valueDim]`. */
  readonly ofQuery: Float64Array;
  readonly ofKey: Float64Array;
  readonly ofValue: Float64Array;
  readonly ofAlpha: Float64Array;
  readonly ofBeta: Float64Array;
  readonly #mechanism: Recurrence;
  readonly #token: Token;
  readonly #round: Rounding;
  /** The gradient of the state after the token, and then before it. */
  readonly #ofState: State;
  readonly #all: Float64Array;
  readonly #held: Float64Array;
  readonly #change: Float64Array;
  readonly #ofHeld: Float64Array;
  readonly #ofChange: Float64Array;
  readonly #ofWritten: Float64Array;
  readonly #ofErasing: Float64Array;
  readonly #ofErased: Float64Array;
  readonly #ofRecalling: Float64Array;
  readonly #scaled: Float64Array;

  constructor(mechanism: Recurrence, token: Token, ofState: State, round: Rounding) {
    this.#mechanism = mechanism;
    this.#token = token;
    this.#round = round;
    this.#ofState = ofState;
    const channels = (): Float64Array => new Float64Array(token.key.length);
    const values = (): Float64Array => new Float64Array(token.value.length);
    this.ofQuery = channels();
    this.ofKey = channels();
    this.ofAlpha = channels();
    this.ofBeta = channels();
    this.ofValue = values();
    this.#all = channels().fill(1);
    this.#held = values();
    this.#change = values();
    this.#ofHeld = values();
    this.#ofChange = values();
    this.#ofWritten = channels();
    this.#ofErasing = channels();
    this.#ofErased = channels();
    this.#ofRecalling = channels();
    this.#scaled = channels();
  }

  /** Writes the token into a state. */
  forward(state: State): void {
    const { erase } = this.#mechanism;
    const { written, erasing, gates } = this.#token;
    this.#recall(state);
    state.step(gates.decay, written, this.#change);
    if (erase === "before-decay") {
      for (let c = 0; c < erasing.length; c++) this.#scaled[c] = -erasing[c];
      state.step(this.#all, this.#scaled, this.#held);
    }
  }

  /** What a state holds of the token's key, and what is written in view of that. */
  #recall(state: State): void {
    const { erase } = this.#mechanism;
    const { recalling, value } = this.#token;
    this.#change.set(value);
    if (erase === null) return;
    state.read(recalling, this.#held);
    this.#rounded(this.#held);
    if (erase === "after-decay") this.#each(this.#change, (j) => value[j] - this.#held[j]);
  }

  /** The gradients of the token, of the states before it and after it. `after` is overwritten with the one before. */
  backward(before: State, after: State): void {
    const { bonus } = this.#mechanism;
    this.#recall(before);
    if (bonus === null) this.#ofReading(after);
    this.#ofWriting(before);
    if (bonus !== null) this.#ofReading(before);
    this.#ofSkips(bonus ?? 0);
    this.#ofLengths();
    after.copy(before);
  }

  /** Of `scale · Sᵀ q`. */
  #ofReading(state: State): void {
    const { dout, query } = this.#token;
    const scale = this.#scale();
    if (dout.every((one) => one === 0)) this.ofQuery.fill(0);
    else {
      state.times(dout, this.ofQuery);
      this.#each(this.ofQuery, (c) => scale * this.ofQuery[c]);
      this.#each(this.#scaled, (c) => scale * query[c]);
      this.#ofState.step(this.#all, this.#scaled, dout);
    }
  }

  /** Of `diag(α) S + written changeᵀ - erasing heldᵀ`. */
  #ofWriting(before: State): void {
    const { erase } = this.#mechanism;
    const { written, erasing, recalling, key, erased, gates } = this.#token;
    const round = this.#round;
    const ofState = this.#ofState;
    const [ofWritten, ofErasing] = [this.#ofWritten, this.#ofErasing];
    ofState.read(written, this.#ofChange);
    this.#rounded(this.#ofChange);
    ofState.times(this.#change, ofWritten);
    this.#rounded(ofWritten);
    if (erase === "before-decay") {
      ofState.read(erasing, this.#ofHeld);
      this.#each(this.#ofHeld, (j) => -this.#ofHeld[j]);
      ofState.times(this.#held, ofErasing);
      this.#each(ofErasing, (c) => -ofErasing[c]);
    } else {
      this.#each(this.#ofHeld, (j) => -this.#ofChange[j]);
      ofErasing.fill(0);
    }
    this.ofValue.set(this.#ofChange);
    ofState.rowProducts(before, this.ofAlpha);
    this.#rounded(this.ofAlpha);
    const ofRecalling = this.#ofRecalling.fill(0);
    if (erase === null) ofState.step(gates.decay, this.#scaled.fill(0), this.#ofHeld.fill(0));
    else {
      ofState.step(gates.decay, recalling, this.#ofHeld);
      before.times(this.#ofHeld, ofRecalling);
      this.#rounded(ofRecalling);
    }
    const isLate = erase === "after-decay";
    for (let c = 0; c < key.length; c++) {
      const [alpha, beta] = [gates.decay[c], gates.write[c]];
      this.ofKey[c] = round(ofWritten[c] * beta);
      this.ofBeta[c] = round(round(ofWritten[c] * key[c]) + round(ofErasing[c] * erased[c]));
      const ofErased = isLate ? round(ofRecalling[c] * alpha) : ofRecalling[c];
      this.#ofErased[c] = round(ofErased + round(ofErasing[c] * beta));
      if (isLate) this.ofAlpha[c] = round(this.ofAlpha[c] + round(ofRecalling[c] * erased[c]));
    }
  }

  /** Of `scale · bonus (q·k) v + skip · v`. */
  #ofSkips(bonus: number): void {
    const { dout, query, key, value } = this.#token;
    const { skip } = this.#mechanism;
    const round = this.#round;
    if (dout.every((one) => one === 0)) return;
    if (bonus !== 0) {
      const factor = this.#scale() * bonus;
      const ofProduct = round(factor * dot(dout, value, round));
      const product = round(factor * dot(query, key, round));
      this.#each(this.ofQuery, (c) => this.ofQuery[c] + round(ofProduct * key[c]));
      this.#each(this.ofKey, (c) => this.ofKey[c] + round(ofProduct * query[c]));
      this.#each(this.ofValue, (j) => this.ofValue[j] + round(product * dout[j]));
    }
    if (skip !== 0) this.#each(this.ofValue, (j) => this.ofValue[j] + round(skip * dout[j]));
  }

  /** Of `x / √(|x|² + 1e-6)`, of which `ofUnit` is the gradient: `(ofUnit - x̂ (x̂·ofUnit)) / length`. */
  #ofLengths(): void {
    const { unit, erase } = this.#mechanism;
    const { query, key, erased, lengths } = this.#token;
    const round = this.#round;
    const back = (ofUnit: Float64Array, row: Float64Array, length: number): void => {
      const along = dot(row, ofUnit, round);
      this.#each(ofUnit, (c) => round(ofUnit[c] - round(row[c] * along)) / length);
    };
    if (unit === "both") {
      back(this.ofQuery, query, lengths.query);
      back(this.ofKey, key, lengths.key);
    }
    if (erase === null) return;
    if (unit !== null) back(this.#ofErased, erased, lengths.erased);
    this.#each(this.ofKey, (c) => this.ofKey[c] + this.#ofErased[c]);
  }

  #scale(): number {
    return this.#mechanism.scale ?? 1 / Math.sqrt(this.#token.key.length);
  }

  #rounded(numbers: Float64Array): void {
    this.#each(numbers, (at) => numbers[at]);
  }

  #each(to: Float64Array, make: (at: number) => number): void {
    const round = this.#round;
    for (let at = 0; at < to.length; at++) to[at] = round(make(at));
  }
}
