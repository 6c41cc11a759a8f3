import { Call } from "./call";
import { allFinite } from "./finite";
import { packKeys, packQueries } from "./pack";
import { clearRows, fetchRows, keepRows, writeRows } from "./rows";
import { runTile } from "./tile";

/** Words of a task and its flags, as `schedule.ts` documents them. */
const TASK_BYTES: usize = 32;
const FULL: i32 = -1;
const OPENS_ROWS: i32 = 1;
const EMPTY_STATE: i32 = 2;
const CLOSES_ROWS: i32 = 4;
const FINAL: i32 = 8;

/** Softmax attention of one head: walks its tasks. */
export function runHead(call: usize): void {
  const length = Call.length(call);
  const d = Call.d(call);
  Call.setFinite(call, allFinite(Call.v(call), length * d));
  if (Call.values(call) != Call.v(call)) padValues(call);
  let packedStep = 0;
  let packedResidue = 0;
  for (let task = Call.tasks(call); task < Call.tasksEnd(call); task += TASK_BYTES) {
    const start = load<i32>(task, 0);
    const step = load<i32>(task, 4);
    const rows = load<i32>(task, 8);
    const keyStart = load<i32>(task, 12);
    const keyStep = load<i32>(task, 16);
    const keyCount = load<i32>(task, 20);
    const mask = load<i32>(task, 24);
    const flags = load<i32>(task, 28);
    if ((flags & OPENS_ROWS) != 0) {
      packQueries(Call.q(call), start, step, rows, d, Call.queries(call));
      if ((flags & EMPTY_STATE) != 0) clearRows(call, rows);
      else fetchRows(call, start, step, rows);
    }
    if (keyCount > 0) {
      // Keys are packed once for each order they are walked in: all of them, or one residue class.
      const residue = keyStart % keyStep;
      if (keyStep != packedStep || residue != packedResidue) {
        const count = (length - residue + keyStep - 1) / keyStep;
        packKeys(Call.k(call), residue, keyStep, count, d, Call.factor(call), Call.keys(call));
        packedStep = keyStep;
        packedResidue = residue;
      }
      const bitsRow: usize = <usize>((keyCount + 31) >> 5) << 2;
      const bits: usize = mask == FULL ? 0 : Call.masks(call) + (<usize>mask << 2);
      const last = keyStart / keyStep + keyCount;
      let key = keyStart / keyStep;
      while (key < last) key = runTile(call, rows, key, last, residue, keyStep, bits, bitsRow);
    }
    if ((flags & CLOSES_ROWS) != 0) {
      if ((flags & FINAL) != 0) writeRows(call, start, step, rows);
      else keepRows(call, start, step, rows);
    }
  }
}

/** Copies the values into rows of `width`, filled up with 0. */
function padValues(call: usize): void {
  const valueBytes: usize = <usize>Call.d(call) << 2;
  const rowBytes: usize = <usize>Call.width(call) << 2;
  for (let j: usize = 0; j < <usize>Call.length(call); j++) {
    const to = Call.values(call) + j * rowBytes;
    memory.copy(to, Call.v(call) + j * valueBytes, valueBytes);
    memory.fill(to + valueBytes, 0, rowBytes - valueBytes);
  }
}
