/**
 * Tells the style sheet how high what stays at the top of the window is, in pixels: the choice of a file, `--above`, and
 * below it the conditions, `--bar`. Places that links lead to are then not behind it.
 */
export function followStuck(above: HTMLElement | null, bars: readonly HTMLElement[]): void {
  const root = document.documentElement.style;
  const measure = () => {
    const highest = bars.reduce((most, { offsetHeight }) => Math.max(most, offsetHeight), 0);
    root.setProperty("--above", `${above?.offsetHeight ?? 0}px`);
    root.setProperty("--bar", `${highest}px`);
  };
  measure();
  const observer = new ResizeObserver(measure);
  for (const element of [...(above === null ? [] : [above]), ...bars]) observer.observe(element);
}
