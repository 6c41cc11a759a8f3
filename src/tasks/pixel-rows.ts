import { int, real } from "../core/parameters.ts";
import type { RandomStream } from "../core/random.ts";
import { defineTask } from "./define-task.ts";
import { type EmptyExample, vectorExamples } from "./fill-examples.ts";
import { distanceToShape, SHAPES } from "./shapes.ts";
import { POSITIONED_MODEL } from "./usual-model.ts";

interface Sizes {
  readonly size: number;
  readonly noise: number;
}

/** One of eight drawn shapes in a noisy picture, a row of pixels a token. */
export const pixelRows = defineTask({
  id: "pixel-rows",
  title: "shapes in rows of pixels",
  measure: "accuracy",
  summary: "Which of eight shapes is drawn in a noisy picture, whose rows of pixels are the tokens?",
  why: "Tokens are vectors and not symbols, and what is asked is the whole: rows are alike in several shapes, and their order tells them apart.",
  limits:
    "Drawn shapes are no photographs: it says nothing of natural images, nor of the pixel-by-pixel sequences of Long Range Arena.",
  source:
    "made for this suite; rows of pixels as tokens as in the classic exercise on MNIST (Le et al. 2015, arXiv 1504.00941, takes single pixels)",
  params: {
    size: int(32, {
      unit: "pixels",
      least: 16,
      most: 1024,
      meaning: "rows of a picture, and pixels of a row",
    }),
    noise: real(0.5, {
      unit: "ink",
      least: 0,
      most: 100,
      meaning: "standard deviation of each pixel's noise; ink is 1",
    }),
  },
  bound(sizes) {
    const { size } = sizes;
    return {
      length: size,
      causal: false,
      input: { kind: "vectors", width: size },
      output: { kind: "sequence", labels: SHAPES.length },
      chance: 1 / SHAPES.length,
      usual: { ...POSITIONED_MODEL, batch: 32, steps: 600 },
      draw: (random, count) =>
        vectorExamples({ tokens: size * size, answers: 1, asked: 0, needed: size }, count, (example) =>
          fillExample(sizes, example, random),
        ),
    };
  },
});

/** The greatest angle by which a shape is turned, in radians: 10 degrees, so that no shape is turned into another. */
const MOST_TURN = Math.PI / 18;

/** Radii and stroke, as shares of the picture's side. */
const RADIUS = { least: 0.2, most: 0.4 };
const STROKE = 1 / 16;

/**
 * A shape of a random size, place and turn, wholly within the picture, drawn by a stroke whose edges fade over a pixel,
 * and gaussian noise in every pixel.
 */
function fillExample(
  { size, noise }: Sizes,
  { tokens, answers, needs }: EmptyExample<Float32Array>,
  random: RandomStream,
): void {
  const between = (least: number, most: number) => least + (most - least) * random.uniform();
  const label = random.below(SHAPES.length);
  const radius = size * between(RADIUS.least, RADIUS.most);
  const margin = radius + (size * STROKE) / 2 + 1;
  const [x, y] = [between(margin, size - margin), between(margin, size - margin)];
  const turn = between(-MOST_TURN, MOST_TURN);
  const [cos, sin] = [Math.cos(turn) / radius, Math.sin(turn) / radius];
  let needed = 0;
  for (let row = 0; row < size; row++) {
    let inked = false;
    for (let column = 0; column < size; column++) {
      const [right, down] = [column + 0.5 - x, row + 0.5 - y];
      const distance =
        radius * distanceToShape(SHAPES[label], right * cos + down * sin, down * cos - right * sin);
      const ink = Math.min(1, Math.max(0, (size * STROKE + 1) / 2 - distance));
      if (ink > 0) inked = true;
      tokens[row * size + column] = ink + noise * random.gaussian();
    }
    if (inked) needs[needed++] = row;
  }
  answers[0] = label;
}
