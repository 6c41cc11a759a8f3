/**
 * What a kernel chose in its last call, by names that the kind declares, such as the blocks of each query: integers,
 * row-major. Where nothing was chosen they are -1.
 */
export type Choice = Readonly<Record<string, Int32Array>>;
