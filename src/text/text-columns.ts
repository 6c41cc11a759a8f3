/** A column of a plain-text table: its head and one text per row. */
export interface Column {
  readonly head: string;
  readonly cells: readonly string[];
}

/**
 * Sets columns side by side, the first to the left and the others to the right, in blocks one below the other
 * if `width` characters do not hold them. Each block begins with the first column again and has at least one
 * other.
 */
export function textColumns(first: Column, others: readonly Column[], width: number): readonly string[] {
  const name = measured(first);
  const columns = others.map(measured);
  // Filled completely first, to learn how many blocks are needed, then evenly.
  const needed = split(name, columns, width, columns.length).length;
  const blocks = split(name, columns, width, Math.ceil(columns.length / needed));
  return blocks.flatMap((members, index) => [...(index === 0 ? [] : [""]), ...block(name, members)]);
}

function split(name: Measured, columns: readonly Measured[], width: number, most: number): Measured[][] {
  const blocks: Measured[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const column of columns) {
    let last = blocks[blocks.length - 1];
    if (last === undefined || last.length === most || used + GAP.length + column.width > width) {
      last = [];
      blocks.push(last);
      used = name.width;
    }
    last.push(column);
    used += GAP.length + column.width;
  }
  return blocks;
}

/** Characters that the columns take in one block. */
export function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, column) => sum + measured(column).width + GAP.length, -GAP.length);
}

const GAP = "  ";

interface Measured {
  readonly lines: readonly string[];
  readonly width: number;
}

function measured({ head, cells }: Column): Measured {
  const lines = [head, ...cells];
  return { lines, width: Math.max(...lines.map(lengthOf)) };
}

function block(name: Measured, columns: readonly Measured[]): readonly string[] {
  return name.lines.map((label, row) => {
    const cells = columns.map(({ lines, width }) => pad(width, lines[row]) + lines[row]);
    return [label + pad(name.width, label), ...cells].join(GAP).trimEnd();
  });
}

function pad(width: number, text: string): string {
  return " ".repeat(width - lengthOf(text));
}

/** Characters, not 16-bit units, of which some take two. */
function lengthOf(text: string): number {
  return [...text].length;
}
