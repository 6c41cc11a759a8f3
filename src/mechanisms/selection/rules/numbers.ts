/** 0 … count - 1. */
export function upTo(count: number): number[] {
  return between(0, count);
}

/** from … to - 1. */
export function between(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
}
