/**
 * What buffers are for, as the numbers that WebGPU gives them (section 5.2 of its specification): Node has no globals for
 * them.
 */
export const USAGE = {
  mapRead: 0x1,
  copySource: 0x4,
  copyTarget: 0x8,
  uniform: 0x40,
  storage: 0x80,
  queryResolve: 0x200,
} as const;

/** Mapping for reading. */
export const MAP_READ = 0x1;
