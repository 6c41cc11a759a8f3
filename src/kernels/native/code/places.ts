import { VECTOR } from "./transpose.ts";

/** Where each field of a block is, in bytes, and how many bytes the block has: whole cache lines. */
export interface Places<Name extends string> {
  readonly at: Readonly<Record<Name, number>>;
  readonly bytes: number;
}

/** Gives each of these sizes, in bytes, a place behind the others; on a cache line if it is one or more. */
export function places<Name extends string>(sizes: Readonly<Record<Name, number>>): Places<Name> {
  let end = 0;
  const at = {} as Record<Name, number>;
  for (const [name, size] of Object.entries<number>(sizes)) {
    if (size >= VECTOR) end = roundUp(end);
    at[name as Name] = end;
    end += size;
  }
  return { at, bytes: roundUp(end) };
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / VECTOR) * VECTOR;
}
