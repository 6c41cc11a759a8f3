import type { MachineLimits } from "../../src/kernels/kernel.ts";

/** Limits that are measured when they are first asked for. */
export function remembering(limits: MachineLimits): MachineLimits {
  const { tanhRate } = limits;
  return {
    ceilings: once((threads: number) => limits.ceilings(threads)),
    readBandwidth: once((bytes: number) => limits.readBandwidth(bytes)),
    ...(tanhRate && { tanhRate: once(tanhRate) }),
  };
}

/** A function that is called once for each of its arguments. */
export function once<Args extends readonly unknown[], Found>(
  find: (...args: Args) => Found,
): (...args: Args) => Found {
  const known = new Map<string, Found>();
  return (...args) => {
    const asked = JSON.stringify(args);
    const found = known.has(asked) ? (known.get(asked) as Found) : find(...args);
    known.set(asked, found);
    return found;
  };
}
