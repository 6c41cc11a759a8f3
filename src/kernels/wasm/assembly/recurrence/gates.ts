import { exp } from "../exp";
import { DECAY_exponential, DECAY_logistic, DECAY_rwkv7 } from "../generated/layout";
import { multiplyAdd } from "../generated/micro";

/** e^x of anything less is 0, as of a step and wherever it is added to 1; of anything more it is a decay to 0, and its inverse 0. */
const LEAST: f32 = -87;
const MOST: f32 = 88;
/** GLA's logits are divided by so much, and RWKV-7's decays are at least e^-e^(-1/2). */
const SHARE: f32 = 0.0625;
const STRONGEST: f32 = 0.6065306597126334;

@inline
function boundedExp(x: v128): v128 { return exp(f32x4.pmin(f32x4.pmax(x, f32x4.splat(LEAST)), f32x4.splat(MOST))); }

/** e^-|y|, and 0 far out. */
@inline
function smallerPower(y: v128): v128 {
  const power = f32x4.neg(f32x4.abs(y));
  return v128.andnot(exp(f32x4.pmax(power, f32x4.splat(LEAST))), f32x4.lt(power, f32x4.splat(LEAST)));
}

/** `ln(1 + e^y)`, in which e^-|y| keeps the digits of a small one: `ln(1 + z) = 2 artanh(z / (2 + z))`. */
@inline
function softplus(y: v128): v128 {
  const z = smallerPower(y);
  const s = f32x4.div(z, f32x4.add(f32x4.splat(2), z));
  const t = f32x4.mul(s, s);
  let p = f32x4.splat(0.15384615);
  p = multiplyAdd(p, t, f32x4.splat(0.18181818));
  p = multiplyAdd(p, t, f32x4.splat(0.22222222));
  p = multiplyAdd(p, t, f32x4.splat(0.2857143));
  p = multiplyAdd(p, t, f32x4.splat(0.4));
  p = multiplyAdd(p, t, f32x4.splat(0.6666667));
  p = multiplyAdd(p, t, f32x4.splat(2));
  return multiplyAdd(p, s, f32x4.pmax(y, f32x4.splat(0)));
}

/** `1 / (1 + e^-y)`. */
@inline
function logistic(y: v128): v128 {
  const inverse = f32x4.add(f32x4.splat(1), boundedExp(f32x4.neg(y)));
  return v128.andnot(f32x4.div(f32x4.splat(1), inverse), f32x4.lt(y, f32x4.splat(-MOST)));
}

/** Logarithms of decays, in the place of `count` sums W k, a multiple of 8; `shifts` are what is added to each, where anything is. */
export function logsOf(form: i32, at: usize, count: i32, shifts: usize): void {
  const bytes: usize = <usize>count << 2;
  if (form == DECAY_logistic) {
    const factor = f32x4.splat(-SHARE);
    for (let i: usize = 0; i < bytes; i += 32) {
      const a = f32x4.mul(factor, softplus(f32x4.neg(v128.load(at + i, 0))));
      const b = f32x4.mul(factor, softplus(f32x4.neg(v128.load(at + i, 16))));
      v128.store(at + i, a, 0);
      v128.store(at + i, b, 16);
    }
  } else if (form == DECAY_exponential) {
    for (let i: usize = 0; i < bytes; i += 32) {
      const a = f32x4.neg(boundedExp(f32x4.add(v128.load(at + i, 0), v128.load(shifts + i, 0))));
      const b = f32x4.neg(boundedExp(f32x4.add(v128.load(at + i, 16), v128.load(shifts + i, 16))));
      v128.store(at + i, a, 0);
      v128.store(at + i, b, 16);
    }
  } else if (form == DECAY_rwkv7) {
    const factor = f32x4.splat(-STRONGEST);
    for (let i: usize = 0; i < bytes; i += 32) {
      const a = f32x4.mul(factor, logistic(v128.load(at + i, 0)));
      const b = f32x4.mul(factor, logistic(v128.load(at + i, 16)));
      v128.store(at + i, a, 0);
      v128.store(at + i, b, 16);
    }
  }
}

/** Steps Δ = softplus(W k + b) of `count` sums, a multiple of 8. */
export function stepsOf(sums: usize, count: i32, shifts: usize, steps: usize): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 32) {
    const a = softplus(f32x4.add(v128.load(sums + i, 0), v128.load(shifts + i, 0)));
    const b = softplus(f32x4.add(v128.load(sums + i, 16), v128.load(shifts + i, 16)));
    v128.store(steps + i, a, 0);
    v128.store(steps + i, b, 16);
  }
}

/** Their logarithms: -A Δ. */
export function logsOfSteps(steps: usize, count: i32, slopes: usize, logs: usize): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 32) {
    const a = f32x4.neg(f32x4.mul(v128.load(slopes + i, 0), v128.load(steps + i, 0)));
    const b = f32x4.neg(f32x4.mul(v128.load(slopes + i, 16), v128.load(steps + i, 16)));
    v128.store(logs + i, a, 0);
    v128.store(logs + i, b, 16);
  }
}

/** Gradients of `count` logarithms of decays, a multiple of 8, become those of the sums W k that they are made of. */
export function slopesOf(form: i32, sums: usize, count: i32, shifts: usize, gradients: usize): void {
  const bytes: usize = <usize>count << 2;
  if (form == DECAY_logistic) {
    const factor = f32x4.splat(SHARE);
    for (let i: usize = 0; i < bytes; i += 32) {
      const a = f32x4.mul(factor, logistic(f32x4.neg(v128.load(sums + i, 0))));
      const b = f32x4.mul(factor, logistic(f32x4.neg(v128.load(sums + i, 16))));
      multiplyTwo(gradients + i, a, b);
    }
  } else if (form == DECAY_exponential) {
    for (let i: usize = 0; i < bytes; i += 32) {
      const a = f32x4.neg(boundedExp(f32x4.add(v128.load(sums + i, 0), v128.load(shifts + i, 0))));
      const b = f32x4.neg(boundedExp(f32x4.add(v128.load(sums + i, 16), v128.load(shifts + i, 16))));
      multiplyTwo(gradients + i, a, b);
    }
  } else if (form == DECAY_rwkv7) {
    const factor = f32x4.splat(-STRONGEST);
    for (let i: usize = 0; i < bytes; i += 32) {
      const a = f32x4.mul(factor, logisticSlope(v128.load(sums + i, 0)));
      const b = f32x4.mul(factor, logisticSlope(v128.load(sums + i, 16)));
      multiplyTwo(gradients + i, a, b);
    }
  }
}

/** The same of writes, which are logistic functions of their sums. */
export function writeSlopesOf(sums: usize, count: i32, gradients: usize): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 32) {
    const a = logisticSlope(v128.load(sums + i, 0));
    const b = logisticSlope(v128.load(sums + i, 16));
    multiplyTwo(gradients + i, a, b);
  }
}

/** The same of steps. */
export function stepSlopesOf(sums: usize, count: i32, shifts: usize, gradients: usize): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 32) {
    const a = logistic(f32x4.add(v128.load(sums + i, 0), v128.load(shifts + i, 0)));
    const b = logistic(f32x4.add(v128.load(sums + i, 16), v128.load(shifts + i, 16)));
    multiplyTwo(gradients + i, a, b);
  }
}

/** The derivative of the logistic function, `z / (1 + z)²` of z = e^-|y|: it keeps its digits at both ends. */
@inline
function logisticSlope(y: v128): v128 {
  const z = smallerPower(y);
  const sum = f32x4.add(f32x4.splat(1), z);
  return f32x4.div(z, f32x4.mul(sum, sum));
}

@inline
function multiplyTwo(at: usize, a: v128, b: v128): void {
  const x = f32x4.mul(v128.load(at, 0), a), y = f32x4.mul(v128.load(at, 16), b);
  v128.store(at, x, 0);
  v128.store(at, y, 16);
}

/** Whether a decay has weights. */
@inline
export function isLearned(decay: i32): bool { return decay >= DECAY_logistic && decay <= DECAY_rwkv7; }
