import { MEMORY_LEVEL } from "../record/schema/result-lines.ts";

/** Bytes that are read over and over: as near to the processor as the level says. */
export interface WorkingSet {
  readonly level: string;
  readonly bytes: number;
}

const CACHES = ["L1d", "L2", "L3"] as const;
/** For processors that do not report theirs. */
const USUAL: Readonly<Record<string, number>> = { L1d: 32 * 1024, L2: 1024 ** 2, L3: 32 * 1024 ** 2 };
/**
 * Memory begins at several times the largest cache: from twice that on, at least half of what is read comes
 * from it.
 */
const BEYOND = { usual: 4, least: 2 } as const;
const MOST_BYTES = 256 * 1024 ** 2;
const LINE = 64;

/**
 * Half of each cache, and last enough to be surely memory; that one is omitted if it would take more than a
 * quarter of the free bytes.
 */
export function workingSets(
  caches: Readonly<Record<string, number>>,
  freeBytes: number,
): readonly WorkingSet[] {
  const sizes = knownSizes(caches);
  const levels = CACHES.filter((level) => sizes[level] > 0);
  const largest = Math.max(...levels.map((level) => sizes[level]));
  const beyond = lines(Math.min(BEYOND.usual * largest, MOST_BYTES, freeBytes / 4));
  return [
    ...levels.map((level) => ({ level, bytes: lines(sizes[level] / 2) })),
    ...(beyond >= BEYOND.least * largest ? [{ level: MEMORY_LEVEL, bytes: beyond }] : []),
  ];
}

/**
 * Working sets of these sizes, each once, as far as memory is free for them, in the level that is large
 * enough.
 */
export function setsOfBytes(
  bytes: readonly number[],
  caches: Readonly<Record<string, number>>,
  freeBytes: number,
): readonly WorkingSet[] {
  const sizes = knownSizes(caches);
  const wanted = new Set(bytes.filter((one) => one <= Math.min(MOST_BYTES, freeBytes / 4)).map(upToLines));
  return [...wanted].map((one) => ({
    level: CACHES.find((level) => sizes[level] >= one) ?? MEMORY_LEVEL,
    bytes: one,
  }));
}

function knownSizes(caches: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return CACHES.some((level) => caches[level] > 0) ? caches : USUAL;
}

function upToLines(bytes: number): number {
  return Math.ceil(bytes / LINE) * LINE;
}

function lines(bytes: number): number {
  return Math.max(1, Math.floor(bytes / LINE)) * LINE;
}
