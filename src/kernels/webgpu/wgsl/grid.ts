/** Workgroups in one dimension that every device takes. */
const MOST = 65_535;

/** Workgroups in x and y that are at least `count`: of more than a dimension takes, the last ones have nothing to do. */
export function gridOf(count: number): readonly [x: number, y: number] {
  const y = Math.ceil(count / MOST);
  return [Math.ceil(count / y), y];
}

/** In WGSL: the number of a workgroup in such a grid, from its builtins `workgroup_id` and `num_workgroups`. */
export function gridIndex(id: string, all: string): string {
  return `(${id}.y * ${all}.x + ${id}.x)`;
}
