import type { ChainMatrix } from "./matrices.ts";

/** A matrix from a row on. */
export interface Operand {
  readonly matrix: ChainMatrix;
  readonly first?: number;
}

/** The fields of a call's uniform that say where an operand of each head is, in shaders that are dispatched for all heads. */
export function operandFields<Name extends string>(name: Name) {
  return {
    [`${name}Entries`]: "u32",
    [`${name}Heads`]: "u32",
    [`${name}Size`]: "u32",
    [`${name}Start`]: "u32",
    [`${name}Width`]: "u32",
  } as Readonly<Record<`${Name}${"Entries" | "Heads" | "Size" | "Start" | "Width"}`, "u32">>;
}

/** Their numbers. */
export function operandNumbers<Name extends string>(name: Name, { matrix, first = 0 }: Operand) {
  const { entries, heads, rows, columns } = matrix;
  return {
    [`${name}Entries`]: entries,
    [`${name}Heads`]: heads,
    [`${name}Size`]: rows * columns,
    [`${name}Start`]: first * columns,
    [`${name}Width`]: columns,
  } as Readonly<Record<`${Name}${"Entries" | "Heads" | "Size" | "Start" | "Width"}`, number>>;
}

/** In WGSL: where an operand's matrix begins for the head `copy` of as many as `call.heads` an entry. */
export function startOf(name: string, copy: string): string {
  const entry = `select(${copy} / call.heads, 0u, call.${name}Entries == 1u)`;
  const head = `(${copy} % call.heads) * call.${name}Heads / call.heads`;
  return `((${entry} * call.${name}Heads + ${head}) * call.${name}Size + call.${name}Start)`;
}
