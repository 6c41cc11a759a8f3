import { FLOAT32_EPSILON, FLOAT32_LEAST } from "../../../core/error-budget.ts";
import { type Rounding, sumsOf } from "../../oracle.ts";
import type { ChannelSoftmax, Elementwise, Rolled, Trigonometric } from "../declare.ts";
import { type Explicit, longestRow, UNIT_EPSILON } from "../oracle-features.ts";
import type { WeighedHead } from "../weighed-head.ts";
import { type Made, type Slopes, uncertain } from "./slope.ts";

type Back = Slopes["back"];

/** From the gradient of features to that of the row that they are of. */
export function featuresBack({ headDim, learned, round }: WeighedHead, feature: Explicit): Back {
  switch (feature.kind) {
    case undefined:
      return elementwiseBack(feature, headDim, round);
    case "trigonometric":
      return trigonometricBack(feature, learned, headDim, round);
    case "channel-softmax":
      return softmaxBack(feature, headDim, round);
    case "rolled":
      return rolledBack(feature, headDim, round);
    default:
      return feature satisfies never;
  }
}

function elementwiseBack({ slope }: Elementwise, headDim: number, round: Rounding): Back {
  if (slope === undefined) throw new TypeError("feature map: it must have a derivative");
  return (of, from, at) => {
    const to = uncertain(headDim);
    for (let c = 0; c < headDim; c++) {
      const steep = round(slope(from[at + c]));
      to.values[c] = round(of.values[c] * steep);
      const lost = FLOAT32_LEAST * Math.abs(of.values[c]);
      to.moved[c] = Math.abs(steep) * of.moved[c] + 2 * FLOAT32_EPSILON * Math.abs(to.values[c]) + lost;
    }
    return to;
  };
}

/** `D^-½ (g_sin cos θ - g_cos sin θ)` of an angle, which the rows of W take to `x̂ = x / √(|x|² + 1e-6)`. */
function trigonometricBack(
  { features }: Trigonometric,
  learned: Float64Array,
  headDim: number,
  round: Rounding,
): Back {
  const within = sumsOf(round);
  const factor = round(1 / Math.sqrt(features));
  const longest = longestRow(learned, headDim);
  const unit = new Float64Array(headDim);
  return (of, from, at) => {
    let squares = 0;
    for (let c = 0; c < headDim; c++) squares = within(squares + within(from[at + c] * from[at + c]));
    const length = round(Math.sqrt(within(squares + UNIT_EPSILON)));
    for (let c = 0; c < headDim; c++) unit[c] = round(from[at + c] / length);
    const size = FLOAT32_EPSILON * longest * Math.hypot(...unit);
    const ofUnit = uncertain(headDim);
    for (let r = 0; r < features; r++) {
      let angle = 0;
      for (let c = 0; c < headDim; c++) angle = within(angle + within(learned[r * headDim + c] * unit[c]));
      const [sine, cosine] = [round(Math.sin(angle)), round(Math.cos(angle))];
      const [ofSine, ofCosine] = [of.values[r], of.values[features + r]];
      const slope = round(factor * round(round(ofSine * cosine) - round(ofCosine * sine)));
      const sizes = Math.abs(ofSine * cosine) + Math.abs(ofCosine * sine);
      const bent = size * (Math.abs(ofSine * sine) + Math.abs(ofCosine * cosine));
      const moved =
        factor *
        (of.moved[r] * Math.abs(cosine) +
          of.moved[features + r] * Math.abs(sine) +
          bent +
          2 * FLOAT32_EPSILON * sizes);
      for (let c = 0; c < headDim; c++) {
        const weight = learned[r * headDim + c];
        ofUnit.values[c] = within(ofUnit.values[c] + within(slope * weight));
        ofUnit.moved[c] += (moved + FLOAT32_EPSILON * Math.abs(slope)) * Math.abs(weight);
      }
    }
    return fromUnit(ofUnit, unit, length, round);
  };
}

/** `(g - x̂ (x̂·g)) / length`. */
function fromUnit(of: Made, unit: Float64Array, length: number, round: Rounding): Made {
  const within = sumsOf(round);
  let [along, size, moved] = [0, 0, 0];
  for (const [c, one] of unit.entries()) {
    along = within(along + within(one * of.values[c]));
    size += Math.abs(one * of.values[c]);
    moved += Math.abs(one) * of.moved[c];
  }
  const to = uncertain(unit.length);
  for (const [c, one] of unit.entries()) {
    to.values[c] = round(round(of.values[c] - round(one * along)) / length);
    const sizes = Math.abs(of.values[c]) + Math.abs(one) * size;
    to.moved[c] = (of.moved[c] + Math.abs(one) * moved + 2 * FLOAT32_EPSILON * sizes) / length;
  }
  return to;
}

/** `s ⊙ (g - s·g)`, of softmax over the channels and over the negated channels. */
function softmaxBack(_feature: ChannelSoftmax, headDim: number, round: Rounding): Back {
  const within = sumsOf(round);
  const shares = new Float64Array(headDim);
  return (of, from, at) => {
    const to = uncertain(headDim);
    for (const [start, sign] of [
      [0, 1],
      [headDim, -1],
    ]) {
      let largest = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < headDim; c++) largest = Math.max(largest, sign * from[at + c]);
      let total = 0;
      for (let c = 0; c < headDim; c++) {
        shares[c] = round(Math.exp(round(sign * from[at + c] - largest)));
        total = within(total + shares[c]);
      }
      let [mean, size, moved] = [0, 0, 0];
      for (let c = 0; c < headDim; c++) {
        shares[c] = round(shares[c] / total);
        const own = of.values[start + c];
        mean = within(mean + within(shares[c] * own));
        size += shares[c] * Math.abs(own) * (1 + largest - sign * from[at + c]);
        moved += shares[c] * of.moved[start + c];
      }
      for (let c = 0; c < headDim; c++) {
        const own = round(of.values[start + c] - mean);
        to.values[c] = within(to.values[c] + within(sign * shares[c] * own));
        const sizes = Math.abs(of.values[start + c]) + size;
        const bent = (2 + largest - sign * from[at + c]) * Math.abs(own);
        const off = of.moved[start + c] + moved + FLOAT32_EPSILON * (2 * sizes + bent);
        // A share may be smaller than any normal number.
        to.moved[c] += shares[c] * off + FLOAT32_LEAST * sizes;
      }
    }
    return to;
  };
}

/** Of `r_c r_{c-t}` both factors, and through the rectifiers, whose derivative at 0 is 0. */
function rolledBack({ rolls }: Rolled, headDim: number, round: Rounding): Back {
  const within = sumsOf(round);
  const width = 2 * headDim;
  const rectified = new Float64Array(width);
  return (of, from, at) => {
    for (let c = 0; c < headDim; c++) {
      rectified[c] = Math.max(from[at + c], 0);
      rectified[headDim + c] = Math.max(-from[at + c], 0);
    }
    const rows = uncertain(width);
    const add = (c: number, feature: number, other: number): void => {
      rows.values[c] = within(rows.values[c] + within(of.values[feature] * rectified[other]));
      const off = of.moved[feature] + 2 * FLOAT32_EPSILON * Math.abs(of.values[feature]);
      rows.moved[c] += off * rectified[other];
    };
    for (let roll = 1; roll <= rolls; roll++) {
      for (let c = 0; c < width; c++) {
        const other = (((c - roll) % width) + width) % width;
        add(c, (roll - 1) * width + c, other);
        add(other, (roll - 1) * width + c, c);
      }
    }
    const to = uncertain(headDim);
    for (let c = 0; c < headDim; c++) {
      const x = from[at + c];
      if (x === 0) continue;
      to.values[c] = x > 0 ? rows.values[c] : -rows.values[headDim + c];
      to.moved[c] = rows.moved[x > 0 ? c : headDim + c];
    }
    return to;
  };
}
