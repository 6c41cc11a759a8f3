import { Lane } from "../../lane";
import { Matrix } from "../../matrix";
import { lessThan, product, transposeScaled } from "../../small-matrices";
import { addNumbers } from "../../state";
import { scaleRow } from "../../softmax";
import { Step } from "../../step";

/** Squares besides those of every iteration. */
const OTHERS: i32 = 8;

/**
 * The steps towards a pseudo-inverse on the way back: `Z ← ¼ Z (13 I - P (15 I - P (7 I - P)))`, P = AZ, which are carried out once more. All
 * their Z are kept, and what is within one is made again.
 */
export function inverseBack(step: usize, lane: usize): void {
  const a = Matrix.row(Step.of(step), 0);
  const m = Matrix.rows(Step.of(step));
  const rowBytes = Matrix.rowBytes(Step.of(step));
  const iterations = Step.size(step);
  const inverses = square(step, OTHERS);
  const zBytes = Step.partialBytes(step);
  startInverse(step, a, m, rowBytes, inverses);
  for (let i = 0; i < iterations; i++) {
    const z = inverses + <usize>i * zBytes;
    within(step, lane, a, z, m, rowBytes);
    product(lane, z, third(step), m, rowBytes, z + zBytes);
    scale(z + zBytes, m, rowBytes, 0.25);
  }
  memory.copy(ofZ(step), Matrix.row(Step.along(step), 0), <usize>m * rowBytes);
  for (let i = iterations - 1; i >= 0; i--) backThrough(step, lane, a, inverses + <usize>i * zBytes, m, rowBytes);
  startBack(step, a, inverses, m, rowBytes);
}

/** Where a square of the scratch is. */
@inline
function square(step: usize, index: i32): usize { return Step.partial(step, 0) + <usize>index * Step.partialBytes(step); }

/** P and the three brackets of an iteration, what came to Z and to P, and two for what is under way. */
@inline
function p(step: usize): usize { return square(step, 0); }
@inline
function first(step: usize): usize { return square(step, 1); }
@inline
function second(step: usize): usize { return square(step, 2); }
@inline
function third(step: usize): usize { return square(step, 3); }
@inline
function ofZ(step: usize): usize { return square(step, 4); }
@inline
function ofP(step: usize): usize { return square(step, 5); }
@inline
function ofInner(step: usize): usize { return square(step, 6); }
@inline
function turned(step: usize): usize { return square(step, 7); }

/** P and the brackets, from the iteration's Z. */
function within(step: usize, lane: usize, a: usize, z: usize, m: i32, rowBytes: usize): void {
  product(lane, a, z, m, rowBytes, p(step));
  lessThan(7, p(step), m, rowBytes, first(step));
  product(lane, p(step), first(step), m, rowBytes, second(step));
  lessThan(15, second(step), m, rowBytes, second(step));
  product(lane, p(step), second(step), m, rowBytes, third(step));
  lessThan(13, third(step), m, rowBytes, third(step));
}

/** From what came to an iteration's result to what comes to its Z, and to A. */
function backThrough(step: usize, lane: usize, a: usize, z: usize, m: i32, rowBytes: usize): void {
  within(step, lane, a, z, m, rowBytes);
  scale(ofZ(step), m, rowBytes, 0.25);
  // Of the last bracket, and from there inwards; each is taken away from a multiple of I.
  transpose(z, m, rowBytes, turned(step));
  product(lane, turned(step), ofZ(step), m, rowBytes, ofInner(step));
  transpose(third(step), m, rowBytes, turned(step));
  product(lane, ofZ(step), turned(step), m, rowBytes, third(step));
  const fromZ = third(step);
  memory.fill(ofP(step), 0, <usize>m * rowBytes);
  bracketBack(step, lane, second(step), m, rowBytes);
  bracketBack(step, lane, first(step), m, rowBytes);
  subtract(ofP(step), ofInner(step), m, rowBytes);
  transpose(z, m, rowBytes, turned(step));
  product(lane, ofP(step), turned(step), m, rowBytes, first(step));
  const to = Step.ofSums(step);
  addNumbers(Matrix.row(to, 0), first(step), Matrix.row(to, 0), <usize>m * rowBytes);
  transpose(a, m, rowBytes, turned(step));
  product(lane, turned(step), ofP(step), m, rowBytes, ofZ(step));
  addNumbers(ofZ(step), fromZ, ofZ(step), <usize>m * rowBytes);
}

/** Of `-P · bracket`, from what came to it: what comes to P is taken from its sum, and what comes to the bracket is left in its place. */
function bracketBack(step: usize, lane: usize, bracket: usize, m: i32, rowBytes: usize): void {
  transpose(bracket, m, rowBytes, turned(step));
  product(lane, ofInner(step), turned(step), m, rowBytes, bracket);
  subtract(ofP(step), bracket, m, rowBytes);
  transpose(p(step), m, rowBytes, turned(step));
  product(lane, turned(step), ofInner(step), m, rowBytes, bracket);
  memory.copy(ofInner(step), bracket, <usize>m * rowBytes);
  scale(ofInner(step), m, rowBytes, -1);
}

@inline
function transpose(x: usize, m: i32, rowBytes: usize, to: usize): void { transposeScaled(x, rowBytes, m, 1, to); }

function scale(x: usize, m: i32, rowBytes: usize, factor: f32): void {
  scaleRow(x, <usize>m * rowBytes, factor);
}

/** to -= x. */
function subtract(to: usize, x: usize, m: i32, rowBytes: usize): void {
  for (const end = to + <usize>m * rowBytes; to < end; to += 32) {
    const a = f32x4.sub(v128.load(to, 0), v128.load(x, 0));
    const b = f32x4.sub(v128.load(to, 16), v128.load(x, 16));
    v128.store(to, a, 0);
    v128.store(to, b, 16);
    x += 32;
  }
}

@inline
function at(x: usize, rowBytes: usize, i: i32, j: i32): usize { return x + <usize>i * rowBytes + (<usize>j << 2); }

/** Sums of absolute numbers, `‖A‖∞` of a row or `‖A‖₁` of a column. */
function sumOf(a: usize, rowBytes: usize, m: i32, line: i32, ofRow: bool): f32 {
  let sum: f32 = 0;
  for (let i = 0; i < m; i++) sum += abs(load<f32>(ofRow ? at(a, rowBytes, line, i) : at(a, rowBytes, i, line)));
  return sum;
}

/** The first line whose sum is the largest. */
function largest(a: usize, rowBytes: usize, m: i32, ofRow: bool): i32 {
  let line = 0;
  let most: f32 = -1;
  for (let i = 0; i < m; i++) {
    const sum = sumOf(a, rowBytes, m, i, ofRow);
    if (sum > most) {
      most = sum;
      line = i;
    }
  }
  return line;
}

/** `Z₀ = Aᵀ / (‖A‖₁ ‖A‖∞)`. */
function startInverse(step: usize, a: usize, m: i32, rowBytes: usize, z: usize): void {
  const ofRows = sumOf(a, rowBytes, m, largest(a, rowBytes, m, true), true);
  const ofColumns = sumOf(a, rowBytes, m, largest(a, rowBytes, m, false), false);
  transposeScaled(a, rowBytes, m, 1 / (ofRows * ofColumns), z);
}

/** Of Z₀: to A by itself, and of each norm what came to all of Z₀ together, to the numbers of its line. */
function startBack(step: usize, a: usize, z: usize, m: i32, rowBytes: usize): void {
  const row = largest(a, rowBytes, m, true), column = largest(a, rowBytes, m, false);
  const ofRows = sumOf(a, rowBytes, m, row, true), ofColumns = sumOf(a, rowBytes, m, column, false);
  const share: f32 = 1 / (ofRows * ofColumns);
  const from = ofZ(step);
  const to = Matrix.row(Step.ofSums(step), 0);
  let together: f64 = 0;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      const own = load<f32>(at(from, rowBytes, j, i));
      addOne(at(to, rowBytes, i, j), own * share);
      together += <f64>own * <f64>load<f32>(at(z, rowBytes, j, i));
    }
  }
  for (let i = 0; i < m; i++) {
    addOne(at(to, rowBytes, row, i), -sign(load<f32>(at(a, rowBytes, row, i))) * <f32>(together / <f64>ofRows));
    addOne(at(to, rowBytes, i, column), -sign(load<f32>(at(a, rowBytes, i, column))) * <f32>(together / <f64>ofColumns));
  }
}

@inline
function addOne(place: usize, x: f32): void { store<f32>(place, load<f32>(place) + x); }

@inline
function sign(x: f32): f32 { return x > 0 ? 1 : x < 0 ? -1 : x; }
