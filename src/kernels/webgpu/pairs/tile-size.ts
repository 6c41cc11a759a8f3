/**
 * How a workgroup cuts its work. It has one thread for every 8 rows × 4 keys of a tile; 32 threads, which a GPU
 * mostly runs as one, have a *square* of 32 × 32, and skip it where no row of it attends a key of it.
 */
export interface TileSize {
  /** Keys of a tile. */
  readonly keys: number;
  /** Threads of a workgroup. */
  readonly threads: number;
  /** Channels of q and k in workgroup memory at a time. */
  readonly channels: number;
  /** Workgroup memory that a device must have for it, in bytes. */
  readonly bytes: number;
}

/** Query rows of a tile. */
export const TILE_ROWS = 64;
/** Rows and keys of a square. */
export const SQUARE = 32;
/** Rows and keys of a thread. */
export const THREAD = { rows: 8, keys: 4 } as const;

const LARGE: TileSize = { keys: 64, threads: 128, channels: 16, bytes: 32_768 };
/** For devices with no more than the specification asks for. */
const SMALL: TileSize = { keys: 32, threads: 64, channels: 8, bytes: 16_384 };

/** The tiles of a device with so much workgroup memory. */
export function tileSizeFor(workgroupBytes: number): TileSize {
  return workgroupBytes >= LARGE.bytes ? LARGE : SMALL;
}

/** Squares beside each other in a tile. */
export function squaresAcross({ keys }: TileSize): number {
  return keys / SQUARE;
}

/** Blocks of columns of the output that a thread holds rows of. */
const MOST_BLOCKS = 4;

/** How the columns of the output are cut: into slabs, one dispatch each, and each of those into blocks. */
export interface Columns {
  readonly slabs: number;
  readonly blocks: number;
  /** Columns of a block. */
  readonly columns: number;
  /** Keys whose values a thread takes at a time; it skips them together. */
  readonly keys: number;
  /** In how many the squares beside each other share the keys of a tile, where a block is no wider than one of them. */
  readonly shares: number;
}

/** The columns of an output of this width. */
export function columnsOf(valueDim: number, size: TileSize): Columns {
  const shares = valueDim <= SQUARE ? squaresAcross(size) : 1;
  const columns = size.keys / shares;
  const all = Math.ceil(valueDim / columns);
  const slabs = Math.ceil(all / MOST_BLOCKS);
  const blocks = Math.min(all, MOST_BLOCKS);
  return { slabs, blocks, columns, shares, keys: blocks <= MOST_BLOCKS / 2 ? 16 : 8 };
}

/** Numbers of a part of a row, in fours: its columns of a slab, and then its maximum and sum. */
export function partQuads(valueDim: number, size: TileSize): number {
  const { blocks, columns } = columnsOf(valueDim, size);
  return (blocks * columns) / 4 + 1;
}
