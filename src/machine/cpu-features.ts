/**
 * What kernels make use of: V8 widens WebAssembly to 256 bits with avx2, and fuses multiply and add with fma; machine code
 * of ours is of the avx512 sets.
 */
const FEATURES = ["avx2", "fma", "avx512f", "avx512dq", "avx512bw"] as const;

/** Which of these the processor has, by the text of /proc/cpuinfo; null if that does not list x86's flags. */
export function cpuFeatures(cpuinfo: string | null): Record<string, boolean> | null {
  const listed = /^flags[ \t]*:(.*)$/m.exec(cpuinfo ?? "")?.[1];
  if (listed === undefined) return null;
  const flags = new Set(listed.trim().split(/\s+/));
  return Object.fromEntries(FEATURES.map((feature) => [feature, flags.has(feature)]));
}
