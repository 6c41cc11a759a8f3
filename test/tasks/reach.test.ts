import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { mqar } from "../../src/tasks/mqar.ts";
import { pixelRows } from "../../src/tasks/pixel-rows.ts";
import { type Attends, reachOf } from "../../src/tasks/reach.ts";
import { sequenceCopy } from "../../src/tasks/sequence-copy.ts";
import type { BoundTask } from "../../src/tasks/task.ts";
import { windowRecall } from "../../src/tasks/window-recall.ts";
import { examplesOf } from "./examples-of.ts";

const SEED = 9;
const EVERYTHING: Attends = () => true;

/** A mask that is drawn: of each head, query and key by itself, the rows of some queries empty. */
const masks = fc
  .record({
    seed: fc.nat(),
    dense: fc.integer({ min: 3, max: 50 }),
    heads: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ seed, dense, heads }) => {
    const attends: Attends = (head, query, key) =>
      randomStream(seed, head, query).uniform() > 0.2 &&
      randomStream(seed, head, query, key).below(100) < dense;
    return { attends, heads };
  });

/** By the definition, one token and layer at a time: does `row` know of `token` after so many layers? */
function knower(task: BoundTask, attends: Attends, heads: number, convolution: number) {
  const remembered = new Map<string, boolean>();
  const reads = (query: number, key: number) =>
    (!task.causal || key <= query) &&
    Array.from({ length: heads }).some((_, head) => attends(head, query, key));
  const had = (layer: number, row: number, token: number): boolean => {
    for (let back = 0; back < Math.max(1, convolution); back++) {
      if (row - back >= 0 && knows(layer, row - back, token)) return true;
    }
    return false;
  };
  const knows = (layer: number, row: number, token: number): boolean => {
    if (layer === 0) return row === token;
    const name = `${layer} ${row} ${token}`;
    const found = remembered.get(name);
    if (found !== undefined) return found;
    const keys = Array.from({ length: task.length }, (_, key) => key).filter((key) => reads(row, key));
    const answer =
      knows(layer - 1, row, token) ||
      (keys.length > 0 && (had(layer - 1, row, token) || keys.some((key) => had(layer - 1, key, token))));
    remembered.set(name, answer);
    return answer;
  };
  return { knows, had };
}

const drawn = (task: BoundTask) => examplesOf(task, randomStream(SEED), 512);
const share = (hits: readonly boolean[]) => hits.filter(Boolean).length / hits.length;
const models = fc.record({
  layers: fc.integer({ min: 1, max: 3 }),
  convolution: fc.integer({ min: 0, max: 4 }),
});

describe("reachOf", () => {
  it("follows tokens through convolutions, heads and layers to the one that asks", () => {
    const task = mqar.bind({ length: 17, pairs: 3, symbols: 8, noise: 2 });
    fc.assert(
      fc.property(masks, models, ({ attends, heads }, model) => {
        const { knows } = knower(task, attends, heads, model.convolution);
        const reachedBy = (layers: number) =>
          share(
            drawn(task).flatMap(({ positions, needs }) =>
              positions.map((asked, at) => needs[at].every((token) => knows(layers, asked, token))),
            ),
          );
        const found = reachOf(task, attends, heads, model, SEED);
        expect(found.reach).toBe(reachedBy(model.layers));
        expect(found.directReach).toBe(reachedBy(1));
        expect(found.ceiling).toBe(found.reach + (1 - found.reach) / 4);
        expect(found.meeting).toBeNull();
      }),
      { numRuns: 40 },
    );
  });

  it("follows them through an encoder and a cross attention to outputs", () => {
    const task = sequenceCopy.bind({ least: 1, most: 5 });
    fc.assert(
      fc.property(masks, masks, models, (encoder, cross, model) => {
        const { had } = knower(task, encoder.attends, encoder.heads, model.convolution);
        const attends: Attends = (head, query, key) => head < cross.heads && cross.attends(head, query, key);
        const heads = Math.max(encoder.heads, cross.heads);
        const own: Attends = (head, query, key) => head < encoder.heads && encoder.attends(head, query, key);
        const reachedBy = (layers: number) =>
          share(
            drawn(task).map(({ needs }) =>
              needs.every((needed, output) =>
                needed.every((token) =>
                  Array.from({ length: task.length }).some(
                    (_, key) =>
                      Array.from({ length: heads }).some((__, head) => attends(head, output, key)) &&
                      had(layers, key, token),
                  ),
                ),
              ),
            ),
          );
        const found = reachOf(task, own, heads, model, SEED, attends);
        expect(found.reach).toBe(reachedBy(model.layers));
        expect(found.directReach).toBe(reachedBy(0));
        expect(found.ceiling).toBe(found.reach === 1 ? 1 : null);
      }),
      { numRuns: 30 },
    );
  });

  it("bounds nothing where the mean reads all tokens, and tells whether what is needed meets in one", () => {
    const task = pixelRows.bind({ size: 16 });
    const near: Attends = (_, query, key) => Math.abs(query - key) <= 2;
    const model = { layers: 2, convolution: 0 };
    const { knows } = knower(task, near, 1, 0);
    const meets = share(
      drawn(task).map(({ needs: [needed] }) =>
        Array.from({ length: 16 }).some((_, row) => needed.every((token) => knows(2, row, token))),
      ),
    );
    expect(meets).toBeGreaterThan(0);
    expect(meets).toBeLessThan(0.5);
    expect(reachOf(task, near, 1, model, SEED)).toEqual({
      reach: 1,
      directReach: 1,
      meeting: meets,
      ceiling: 1,
    });
    expect(reachOf(task, EVERYTHING, 1, model, SEED).meeting).toBe(1);
  });

  it("is all of it with every key, and what is near within a window", () => {
    const model = { layers: 2, convolution: 3 };
    for (const task of [mqar.bind({}), windowRecall.bind({})]) {
      expect(reachOf(task, EVERYTHING, 2, model, SEED)).toMatchObject({
        reach: 1,
        directReach: 1,
        ceiling: 1,
      });
    }
    const window: Attends = (_, query, key) => query - key < 8;
    const recall = windowRecall.bind({});
    expect(reachOf(recall, window, 2, { layers: 1, convolution: 0 }, SEED).reach).toBe(1);
    const { reach, directReach } = reachOf(mqar.bind({}), window, 2, model, SEED);
    expect(directReach).toBeLessThan(reach);
    expect(reach).toBeLessThan(0.2);
  });

  it("counts the pairs of slots and keys that a window spans, and those alone", () => {
    // Slot s is at 32 + 2s, the key of pair i at 2i: in a window of 16 keys, whose k and v have 2 tokens more.
    let near = 0;
    for (let slot = 0; slot < 16; slot++) {
      for (let pair = 0; pair < 16; pair++) if (32 + 2 * slot - 2 * pair <= 15 + 2) near++;
    }
    const { directReach } = reachOf(
      mqar.bind({}),
      (_, query, key) => query - key < 16,
      1,
      {
        layers: 2,
        convolution: 3,
      },
      SEED,
    );
    // Of 512 examples of 16 answers: a binomial's deviation bounds that of a permutation's share.
    const deviation = Math.sqrt(((near / 256) * (1 - near / 256)) / (512 * 16));
    expect(Math.abs(directReach - near / 256)).toBeLessThan(3.29 * deviation);
  });
});
