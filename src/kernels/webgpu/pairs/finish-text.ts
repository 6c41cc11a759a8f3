import { each } from "../wgsl/text.ts";
import type { TileShader } from "./tile-shader.ts";
import { columnsOf, partQuads, THREAD } from "./tile-size.ts";

const ROWS = THREAD.rows;

/**
 * In WGSL: what is left when an item has no more tiles. Rows go through workgroup memory, block by block, so that
 * threads beside each other write columns beside each other, normalised into the output or as parts.
 */
export function finishText({ size, valueDim }: TileShader): string {
  const { blocks, columns, shares } = columnsOf(valueDim, size);
  const quads = columns / 4;
  const threads = size.keys / 4;
  const wide = partQuads(valueDim, size);
  const place = (row: number): string => `weights[(row + ${row}u) * ${quads}u + outQuad]`;
  const shared = (block: number): string =>
    shares === 1
      ? each(ROWS, (i) => `  ${place(i)} = out${block}_${i};`)
      : `  if (key >= 32u) {
${each(ROWS, (i) => `    ${place(i)} = out${block}_${i};`)}
  }
  workgroupBarrier();
  if (key < 32u) {
${each(ROWS, (i) => `    ${place(i)} += out${block}_${i};`)}
  }`;
  return `  // The state of each row: its sum of what threads have, and its maximum, which they all have.
  workgroupBarrier();
${each(ROWS, (i) => `  ofThreads[(row + ${i}u) * ${threads + 1}u + quad] = total${i};`)}
  if (quad == 0u) {
${each(ROWS, (i) => `    ofThreads[(row + ${i}u) * ${threads + 1}u + ${threads}u] = most${i};`)}
  }
  workgroupBarrier();
  let isPart = partAt != 0xffffffffu;
  let part = (id.z * call.parts + partAt) * ${wide}u;
  if (thread < rows) {
    var total = 0.0;
    for (var at = 0u; at < ${threads}u; at++) { total += ofThreads[thread * ${threads + 1}u + at]; }
    let most = ofThreads[thread * ${threads + 1}u + ${threads}u];
    if (isPart) { parts[part + thread * ${wide}u + ${wide - 1}u] = vec4f(most, total, 0.0, 0.0); }
    else { ofRow[thread] = factorOf(most, total, rowTokens[thread]); }
  }
${each(
  blocks,
  (b) => `  workgroupBarrier();
${shared(b)}
  workgroupBarrier();
  for (var at = thread; at < rows * ${quads}u; at += ${size.threads}u) {
    let own = at / ${quads}u;
    let column = ${b * quads}u + at % ${quads}u;
    if (isPart) { parts[part + own * ${wide}u + column] = weights[at]; }
    else { store_output(rowBase + rowTokens[own], call.firstQuad + column, weights[at] * ofRow[own]); }
  }`,
)}`;
}
