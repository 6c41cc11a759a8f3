/** Rows of a CSV text (RFC 4180) by the names of its first line. */
export function csvRows(text: string): Record<string, string>[] {
  const records: string[][] = [[]];
  // A cell is quoted, with quotes doubled, or holds neither quote, comma nor line break.
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    records[records.length - 1].push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\n") records.push([]);
  }
  const [header, ...rows] = records.slice(0, -1);
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index]])));
}
