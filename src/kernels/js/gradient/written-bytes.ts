/** Bytes of all gradients of a call, which no backward pass leaves unwritten. */
export function writtenBytes(gradients: Readonly<Record<string, Float32Array>>): number {
  return Object.values(gradients).reduce((sum, { byteLength }) => sum + byteLength, 0);
}
