/**
 * For each position, 0 … length, how many of the keys before it are kept then: those that the query before it
 * or a later one attends. A key is forgotten when the query after its last one comes, and may need its slot.
 */
export function keptKeys(last: Int32Array): Int32Array {
  const kept = new Int32Array(last.length + 3);
  for (let key = 0; key < last.length; key++) {
    if (last[key] < key) continue;
    kept[key + 1]++;
    kept[last[key] + 2]--;
  }
  for (let position = 1; position < kept.length; position++) kept[position] += kept[position - 1];
  return kept.subarray(0, last.length + 1);
}
