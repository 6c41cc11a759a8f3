import type { Clusters } from "../../mechanisms/summary/declare.ts";
import type { Workspace } from "../workspace.ts";
import { type Matrices, type Place, packRows } from "./chain-matrices.ts";
import type { ChainStep } from "./chain-step.ts";

const ASSIGNMENTS = 10;

/** Clusters by sign hashes, whose means are made; which cluster each row is in is a vector. */
export function prepareClusters(step: Clusters, matrices: Matrices, workspace: Workspace): ChainStep {
  const [of, planes, starts] = [matrices.get(step.of), matrices.get(step.planes), matrices.get(step.starts)];
  const { rows, width } = of;
  const bits = planes.rows;
  const words = Math.ceil(bits / 32);
  const count = Math.min(step.count, rows);
  const means = matrices.make(step.to, count, width, [of, planes]);
  const members = matrices.make(step.members, rows, 1, [of, planes]);
  const [codes, centres] = [new Int32Array(rows * words), new Int32Array(count * words)];
  const [ones, sizes] = [new Int32Array(count * bits), new Int32Array(count)];
  workspace.add(codes, centres, ones, sizes);
  const packedPlanes = workspace.float64(bits * (width + 1));
  const packedRow = workspace.float64(width);

  const hash = (place: Place): void => {
    const [ofAt, planesAt] = [of.at(place), planes.at(place)];
    codes.fill(0);
    packRows(planes.data, planesAt, width + 1, 0, bits, 1, packedPlanes);
    for (let row = 0; row < rows; row++) {
      packRows(of.data, ofAt, width, row, 1, 1, packedRow);
      for (let bit = 0; bit < bits; bit++) {
        const plane = bit * (width + 1);
        let sum = 0;
        for (let i = 0; i < width; i++) sum += packedPlanes[plane + i] * packedRow[i];
        if (sum > packedPlanes[plane + width]) codes[row * words + (bit >> 5)] |= 1 << (bit & 31);
      }
    }
  };
  const begin = (place: Place): void => {
    const at = starts.at(place);
    for (let centre = 0; centre < count; centre++) {
      const row = Math.max(0, Math.min(rows - 1, Math.floor(starts.data[at + centre])));
      for (let word = 0; word < words; word++) centres[centre * words + word] = codes[row * words + word];
    }
  };
  const assign = (): void => {
    for (let row = 0; row < rows; row++) {
      let nearest = 0;
      let least = bits + 1;
      for (let centre = 0; centre < count; centre++) {
        let distance = 0;
        for (let word = 0; word < words; word++) {
          distance += ones32(codes[row * words + word] ^ centres[centre * words + word]);
        }
        if (distance < least) {
          least = distance;
          nearest = centre;
        }
      }
      members.data[row] = nearest;
    }
  };
  const move = (): void => {
    ones.fill(0);
    sizes.fill(0);
    for (let row = 0; row < rows; row++) {
      const centre = members.data[row];
      sizes[centre]++;
      for (let bit = 0; bit < bits; bit++) {
        ones[centre * bits + bit] += (codes[row * words + (bit >> 5)] >>> (bit & 31)) & 1;
      }
    }
    for (let centre = 0; centre < count; centre++) {
      // One without rows stays.
      if (sizes[centre] === 0) continue;
      for (let word = 0; word < words; word++) centres[centre * words + word] = 0;
      for (let bit = 0; bit < bits; bit++) {
        const most = 2 * ones[centre * bits + bit] > sizes[centre];
        if (most) centres[centre * words + (bit >> 5)] |= 1 << (bit & 31);
      }
    }
  };
  const average = (place: Place): void => {
    const ofAt = of.at(place);
    means.data.fill(0);
    sizes.fill(0);
    for (let row = 0; row < rows; row++) {
      const centre = members.data[row];
      sizes[centre]++;
      for (let i = 0; i < width; i++) means.data[centre * width + i] += of.data[ofAt + row * width + i];
    }
    for (let centre = 0; centre < count; centre++) {
      for (let i = 0; i < width; i++) means.data[centre * width + i] /= Math.max(1, sizes[centre]);
    }
  };

  return {
    perHead: means.perHead,
    flops: 2 * rows * width * bits,
    floats: 2 * rows * width + bits * (width + 1) + count,
    run(place) {
      hash(place);
      begin(place);
      assign();
      for (let turn = 1; turn < ASSIGNMENTS; turn++) {
        move();
        assign();
      }
      average(place);
    },
  };
}

/** Bits that are set in a word of 32: in pairs, in fours, in bytes, and all together. */
function ones32(word: number): number {
  let sums = word - ((word >>> 1) & 0x55555555);
  sums = (sums & 0x33333333) + ((sums >>> 2) & 0x33333333);
  sums = (sums + (sums >>> 4)) & 0x0f0f0f0f;
  return Math.imul(sums, 0x01010101) >>> 24;
}
