/** Text for each number below `count`, joined: WGSL has no templates, and loops that drivers do not unroll are slow. */
export function each(count: number, text: (index: number) => string, between = "\n"): string {
  return Array.from({ length: count }, (_, index) => text(index)).join(between);
}

/** The name of a component of a vec4. */
export function component(index: number): string {
  return "xyzw"[index % 4];
}
