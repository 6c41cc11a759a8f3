/** Numbers that every thread of a dispatch reads, in the order in which they lie in memory. */
export type UniformFields = Readonly<Record<string, "u32" | "i32" | "f32">>;

/** The declaration of a uniform `name` with these fields. */
export function uniformText(name: string, binding: number, fields: UniformFields): string {
  const type = `${name[0].toUpperCase()}${name.slice(1)}`;
  const members = Object.entries(fields).map(([field, kind]) => `${field}: ${kind}`);
  return `struct ${type} { ${members.join(", ")} }
@group(0) @binding(${binding}) var<uniform> ${name}: ${type};`;
}

/** The fields' numbers as the shader reads them. */
export function uniformWords<F extends UniformFields>(
  fields: F,
  values: Readonly<Record<keyof F & string, number>>,
): ArrayBuffer {
  const entries = Object.entries<"u32" | "i32" | "f32">(fields);
  const memory = new DataView(new ArrayBuffer(4 * entries.length));
  for (const [index, [field, kind]] of entries.entries()) {
    const value = values[field];
    if (kind === "f32") memory.setFloat32(4 * index, value, true);
    else if (kind === "i32") memory.setInt32(4 * index, value, true);
    else memory.setUint32(4 * index, value, true);
  }
  return memory.buffer;
}
