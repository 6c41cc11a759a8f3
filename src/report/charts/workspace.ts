import { formatOf } from "../../core/dtype.ts";
import type { CaseRow } from "../../record/case-row.ts";
import { inBytes } from "./axes.ts";
import type { Chart } from "./chart.ts";
import { exactly, lineChart } from "./line-chart.ts";
import { scoreBytes } from "./score-bytes.ts";

const title = "Workspace over length";

/** What a kernel holds in addition to its inputs and the output, against what storing the scores would take. */
export const workspace: Chart = {
  id: "workspace",
  title,
  caption:
    "Memory of one call in addition to q, k, v, any weights and the output. Solid: what the kernel held, counted to the byte. " +
    "Dotted: what it would take to keep the scores of all pairs at once, 4 bytes each (2 in half precision), as the textbook's softmax(QKᵀ)V does; for a " +
    "variant without pairs its state of d·(d+1) numbers per head, or d·(v+1) per head of k and v if values are v wide.",
  absent: "No case that was measured has its workspace counted, so there is none to draw.",
  spec: (results) =>
    lineChart(results, {
      title,
      quantity: { field: "workspace_bytes", title: "workspace of one call", ...inBytes },
      legend: "most at the longest length first",
      measure: ({ outcome, workspace_bytes }) =>
        outcome === "measured" && workspace_bytes !== null ? exactly(workspace_bytes) : null,
      second: { field: "modelled", name: "modelled", of: plainBytes, dash: [1, 4] },
    }),
};

function plainBytes(row: CaseRow): number {
  const { batch, heads, kv_heads: kvHeads = heads, head_dim: headDim, value_dim: valueDim = headDim } = row;
  return scoreBytes(row) ?? formatOf(row.dtype).bytes * batch * kvHeads * headDim * (valueDim + 1);
}
