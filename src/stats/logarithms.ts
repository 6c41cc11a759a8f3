/** Natural logarithms. Refuses what has none, naming it as `name`. */
export function logarithms(name: string, values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values, (value) => {
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`${name} must be positive and finite, got ${value}`);
    }
    return Math.log(value);
  });
}
