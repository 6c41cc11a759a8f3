/** Tokens and width of the fixed problem: a few hundred microseconds per call. */
const LENGTH = 48;
const WIDTH = 32;

/**
 * A fixed kernel that no change under test can touch: naive softmax attention in plain loops. Both sides run
 * it; if it is faster in one, the sides' threads differ, and nothing can be said about their code.
 */
export function yardstick(): () => void {
  const size = LENGTH * WIDTH;
  const values = (phase: number) => Float64Array.from({ length: size }, (_, at) => Math.sin(at * phase));
  const [q, k, v] = [values(0.7), values(1.3), values(2.1)];
  const out = new Float64Array(size);
  const weights = new Float64Array(LENGTH);
  return () => {
    for (let query = 0; query < LENGTH; query++) {
      let total = 0;
      for (let key = 0; key < LENGTH; key++) {
        let score = 0;
        for (let i = 0; i < WIDTH; i++) score += q[query * WIDTH + i] * k[key * WIDTH + i];
        weights[key] = Math.exp(score / WIDTH);
        total += weights[key];
      }
      for (let i = 0; i < WIDTH; i++) {
        let sum = 0;
        for (let key = 0; key < LENGTH; key++) sum += weights[key] * v[key * WIDTH + i];
        out[query * WIDTH + i] = sum / total;
      }
    }
  };
}
