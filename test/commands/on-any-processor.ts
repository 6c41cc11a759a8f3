import process from "node:process";

/**
 * Does something as on a processor without AVX-512, whatever the one here has, so that what `auto` takes is the same
 * everywhere; a test that is about that sets the variable itself.
 */
export async function onAnyProcessor<T>(work: () => Promise<T>): Promise<T> {
  const { ATTNBENCH_NATIVE: before } = process.env;
  process.env.ATTNBENCH_NATIVE = before ?? "no-avx512";
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.ATTNBENCH_NATIVE;
  }
}
