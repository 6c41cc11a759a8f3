/** The name of a run's files, without an ending: when it began, as in the command line's `results/`. */
export function runName(started: string): string {
  const time = started.replace(/[^0-9T]/g, "").slice(0, 15);
  return `attnbench-${time}`;
}
