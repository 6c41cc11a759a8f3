import { AttendBack } from "./attend-back.ts";
import { type AttendedRow, weighedRow } from "./row-weights.ts";
import { type Tape, Value } from "./tape.ts";

/** Softmax attention of some rows over some others. */
export interface Attention {
  /** null for unit vectors, the i-th of which scores a key by its i-th channel. */
  readonly queries: Value | null;
  /** null for unit vectors, the j-th of which is scored by the j-th channel of a query. Not both are null. */
  readonly keys: Value | null;
  /** Values under the same weights; for each a result is made. */
  readonly values: readonly Value[];
  readonly scale: number;
  /** What is added to the scores of each key, `[keys, 1]`; null if nothing is. */
  readonly bias: Value | null;
  /** What each row of the results is multiplied by, `[rows, 1]`, such as a gate; nothing if omitted. */
  readonly gains?: Value;
  /** The keys of a row, each once; all if null. */
  readonly keysOf: ((row: number) => ArrayLike<number>) | null;
}

/** What it makes. */
export interface Attended {
  readonly outputs: readonly Value[];
  /** `ln Σ_j exp(score_ij)`, `[rows, 1]`; of a row without keys -∞. */
  readonly logSums: Value;
}

/** Rows whose additions to keys are summed by themselves first. */
const BLOCK = 64;

/** Weights of a forward pass that are kept for the way back, 64 MiB of them: others are computed again. */
const MOST_KEPT = 2 ** 23;

/**
 * `a_i Σ_j p_ij v_j`, `p_ij = exp(s_ij - L_i)`, `s_ij = scale·q_i·k_j + b_j`, a row without keys being 0, and gains `a_i` being
 * 1 if there are none. With `g_ij = dout_i·v_j`, its mean `m_i = Σ_j p_ij g_ij` and `ds_ij = p_ij (a_i g_ij - a_i m_i + dL_i)`
 * the gradients are `da_i = m_i`, `dv_j = Σ_i a_i p_ij dout_i`, `db_j = Σ_i ds_ij`, `dq_i = scale Σ_j ds_ij k_j` and `dk_j =
 * scale Σ_i ds_ij q_i`. The forward pass is made where somebody reads what it gives, and
 * the way back in rows that lead to a gradient which is wanted.
 */
export function attend(tape: Tape, attention: Attention): Attended {
  const { queries, keys, values, gains, keysOf } = attention;
  const { arithmetic } = tape;
  const { round } = arithmetic;
  const rows = queries === null ? (keys?.width ?? 0) : queries.rows;
  const count = keys === null ? values[0].rows : keys.rows;
  const every = Uint32Array.from({ length: count }, (_, key) => key);
  const listOf = keysOf ?? (() => every);
  const scratch = new Float64Array(count);
  const kept = new Map<number, AttendedRow>();
  let made: { readonly outputs: readonly Float64Array[]; readonly logSums: Float64Array } | null = null;
  const forward = (): NonNullable<typeof made> => {
    if (made !== null) return made;
    const outputs = values.map(({ width }) => new Float64Array(rows * width));
    const logSums = new Float64Array(rows);
    let room = MOST_KEPT;
    for (let row = 0; row < rows; row++) {
      const list = listOf(row);
      const isKept = list.length <= room;
      if (isKept) room -= list.length;
      const weighed = weighedRow(
        attention,
        arithmetic,
        row,
        list,
        isKept ? new Float64Array(list.length) : scratch,
      );
      if (isKept) kept.set(row, weighed);
      logSums[row] = weighed.logSum;
      for (let index = 0; index < values.length && list.length > 0; index++) {
        const { width, data } = values[index];
        const to = outputs[index];
        for (let at = 0; at < list.length; at++) {
          arithmetic.add(weighed.weights[at], data, list[at] * width, to, row * width, width);
        }
        for (let i = row * width; i < (row + 1) * width; i++) {
          to[i] = round(to[i] / weighed.total);
          if (gains !== undefined) to[i] = round(to[i] * gains.data[row]);
        }
      }
    }
    made = { outputs, logSums };
    return made;
  };
  const outputs = values.map(({ width }, index) => new Value(rows, width, () => forward().outputs[index]));
  const logSums = new Value(rows, 1, () => forward().logSums);
  tape.step(() => {
    const reached = outputs.map((output) => output.reached);
    if (reached.every((gradient) => gradient === null) && logSums.reached === null) return;
    const back = new AttendBack(attention, arithmetic);
    for (let row = 0; row < rows; row++) {
      const ofLogSum = logSums.reached?.[row] ?? 0;
      if (ofLogSum !== 0 || back.isReached(row, reached)) {
        const list = listOf(row);
        if (back.isWanted(row, list)) {
          back.row({
            row,
            list,
            weighed: kept.get(row) ?? weighedRow(attention, arithmetic, row, list, scratch),
            reached,
            ofLogSum,
          });
        }
      }
      if (row % BLOCK === BLOCK - 1) back.flush();
    }
    back.flush();
  });
  return { outputs, logSums };
}
