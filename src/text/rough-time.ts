/** Seconds, minutes or hours from which on the next larger unit is told. */
const MOST = 100;

/** A time as a person would estimate it, in whole seconds, minutes or hours of two digits: `45 s`, `21 min`, `4 h`. */
export function roughTime(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < MOST) return `${whole} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < MOST ? `${minutes} min` : `${Math.round(seconds / 3600)} h`;
}
