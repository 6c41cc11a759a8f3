import type { Shape } from "../../../core/shape.ts";
import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import type { Workspace } from "../../workspace.ts";
import type { RecurrenceToken } from "./recurrence-token.ts";
import { addToState, readState, rowProducts, stepState, timesState } from "./state-products.ts";

/** One token back: from the gradient of the state after it to that of the state before, and to its own. */
export class RecurrenceBackward {
  /** The gradients of the last token, `[headDim]`; of v `[valueDim]`. */
  readonly ofQuery: Float64Array;
  readonly ofKey: Float64Array;
  readonly ofAlpha: Float64Array;
  readonly ofBeta: Float64Array;
  readonly ofValue: Float64Array;
  readonly #mechanism: Recurrence;
  /** The gradient of the state, `[headDim, valueDim]`. */
  readonly #ofState: Float64Array;
  readonly #ofWritten: Float64Array;
  readonly #ofErasing: Float64Array;
  readonly #ofErased: Float64Array;
  readonly #ofRecalling: Float64Array;
  readonly #ofHeld: Float64Array;
  readonly #dout: Float64Array;
  readonly #scale: number;

  constructor(mechanism: Recurrence, { headDim, valueDim }: Shape, workspace: Workspace) {
    const channels = (): Float64Array => workspace.float64(headDim);
    this.#mechanism = mechanism;
    this.#scale = mechanism.scale ?? 1 / Math.sqrt(headDim);
    this.#ofState = workspace.float64(headDim * valueDim);
    this.ofQuery = channels();
    this.ofKey = channels();
    this.ofAlpha = channels();
    this.ofBeta = channels();
    this.ofValue = workspace.float64(valueDim);
    this.#ofWritten = channels();
    this.#ofErasing = channels();
    this.#ofErased = channels();
    this.#ofRecalling = channels();
    this.#ofHeld = workspace.float64(valueDim);
    this.#dout = workspace.float64(valueDim);
  }

  /** Begins at the end of a head: nothing reads the state after its last token. */
  begin(): void {
    this.#ofState.fill(0);
  }

  /** `before` and `after` are where the states before and after the token begin in `states`. */
  take(
    token: RecurrenceToken,
    states: Float64Array,
    before: number,
    after: number,
    dout: Float32Array,
    doutAt: number,
  ): void {
    const { bonus } = this.#mechanism;
    for (let j = 0; j < this.#dout.length; j++) this.#dout[j] = dout[doutAt + j];
    token.recall(states, before);
    if (bonus === null) this.#ofReading(token, states, after);
    this.#ofWriting(token, states, before);
    if (bonus !== null) {
      this.#ofReading(token, states, before);
      this.#ofBonus(token, bonus);
    }
    this.#ofUnits(token);
  }

  /** Of `scale · Sᵀ q + skip · v`, but for v. */
  #ofReading({ query }: RecurrenceToken, states: Float64Array, at: number): void {
    timesState(states, at, this.#dout, this.ofQuery);
    for (let c = 0; c < query.length; c++) this.ofQuery[c] *= this.#scale;
    addToState(this.#ofState, 0, this.#scale, query, this.#dout);
  }

  #ofWriting(token: RecurrenceToken, states: Float64Array, before: number): void {
    const { erase, skip } = this.#mechanism;
    const { ofKey, ofAlpha, ofBeta, ofValue } = this;
    const { decay, write } = token.gates;
    const ofState = this.#ofState;
    const ofHeld = this.#ofHeld;
    const isLate = erase === "after-decay";
    readState(ofState, 0, token.written, ofValue);
    timesState(ofState, 0, token.change, this.#ofWritten);
    rowProducts(ofState, states, before, ofAlpha);
    this.#ofErasing.fill(0);
    this.#ofRecalling.fill(0);
    if (erase === "before-decay") {
      readState(ofState, 0, token.erasing, ofHeld);
      timesState(ofState, 0, token.held, this.#ofErasing);
    } else ofHeld.set(ofValue);
    for (let j = 0; j < ofHeld.length; j++) ofHeld[j] = erase === null ? 0 : -ofHeld[j];
    if (erase !== null) timesState(states, before, ofHeld, this.#ofRecalling);
    stepState(ofState, 0, decay, token.recalling, ofHeld);
    for (let c = 0; c < ofKey.length; c++) {
      const ofErasing = -this.#ofErasing[c];
      const ofRecalling = this.#ofRecalling[c];
      ofKey[c] = this.#ofWritten[c] * write[c];
      ofBeta[c] = this.#ofWritten[c] * token.key[c] + ofErasing * token.erased[c];
      this.#ofErased[c] = ofErasing * write[c] + (isLate ? ofRecalling * decay[c] : ofRecalling);
      if (isLate) ofAlpha[c] += ofRecalling * token.erased[c];
    }
    if (skip !== 0) for (let j = 0; j < ofValue.length; j++) ofValue[j] += skip * this.#dout[j];
  }

  /** Of `scale · bonus (q·k) v`. */
  #ofBonus({ query, key, value }: RecurrenceToken, bonus: number): void {
    const factor = this.#scale * bonus;
    let ofProduct = 0;
    let product = 0;
    for (let j = 0; j < value.length; j++) ofProduct += factor * this.#dout[j] * value[j];
    for (let c = 0; c < key.length; c++) product += factor * query[c] * key[c];
    for (let c = 0; c < key.length; c++) {
      this.ofQuery[c] += ofProduct * key[c];
      this.ofKey[c] += ofProduct * query[c];
    }
    for (let j = 0; j < value.length; j++) this.ofValue[j] += product * this.#dout[j];
  }

  /** Back through lengths, and what is erased by to the key. */
  #ofUnits({ query, key, erased, lengths }: RecurrenceToken): void {
    const { unit, erase } = this.#mechanism;
    if (unit === "both") {
      fromUnit(this.ofQuery, query, lengths[0]);
      fromUnit(this.ofKey, key, lengths[1]);
    }
    if (erase === null) return;
    if (unit !== null) fromUnit(this.#ofErased, erased, lengths[1]);
    for (let c = 0; c < key.length; c++) this.ofKey[c] += this.#ofErased[c];
  }
}

/** The gradient of `x / |x|` back to x: what is along x̂ has none. */
function fromUnit(of: Float64Array, unit: Float64Array, length: number): void {
  let along = 0;
  for (let c = 0; c < of.length; c++) along += of[c] * unit[c];
  for (let c = 0; c < of.length; c++) of[c] = (of[c] - along * unit[c]) / length;
}
