import type { Tape, Value } from "../../gradient/tape/tape.ts";

/** Rows `u = x / |x|`, of which `dx = (du - u (u·du)) / |x|`; one of zeros stays so, and has no gradient. */
export function unitRows(tape: Tape, of: Value): Value {
  const { round, dot } = tape.arithmetic;
  const { rows, width } = of;
  const lengths = Float64Array.from({ length: rows }, (_, row) => {
    const own = { of: of.data, at: row * width, step: 1 };
    return round(Math.sqrt(dot(own, own, width)));
  });
  const data = Float64Array.from(of.data, (x, at) => {
    const length = lengths[Math.floor(at / width)];
    return length === 0 ? 0 : round(x / length);
  });
  const back = (gradient: Float64Array): void => {
    for (let row = 0; row < rows; row++) {
      if (lengths[row] === 0 || !of.wants(row)) continue;
      const at = row * width;
      const along = dot({ of: data, at, step: 1 }, { of: gradient, at, step: 1 }, width);
      for (let i = at; i < at + width; i++) {
        const across = round(gradient[i] - round(data[i] * along));
        of.adjoint[i] = round(of.adjoint[i] + round(across / lengths[row]));
      }
    }
  };
  return tape.made(rows, width, data, back, of.wanted);
}
