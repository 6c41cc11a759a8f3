import type { Spec, View } from "vega";
import { LEAST_PANEL } from "../charts/panels.ts";

/** The signal that says how wide each panel is. */
const WIDTH = "child_width";

/**
 * Fits a chart whose `usermeta.panels` says how many panels stand side by side to the width of its figure, again whenever
 * that changes; others stay as they are.
 */
export function fitPanels(view: View, spec: Spec, figure: HTMLElement): void {
  const { panels }: { readonly panels?: unknown } = spec.usermeta ?? {};
  if (typeof panels !== "number") return;
  // Its width is the figure's, whatever the style sheet says of others.
  figure.classList.add("fitted");
  let wide = 0;

  async function adjust(): Promise<void> {
    // The numbers of an axis reach beyond it by what is known once they are drawn.
    for (let pass = 0; pass < PASSES; pass++) {
      const excess = drawnWidth(view) - wide;
      const now: number = view.signal(WIDTH);
      const next = panelWidth(now, excess, Number(panels));
      if (next === now) return;
      await view.signal(WIDTH, next).resize().runAsync();
    }
  }

  new ResizeObserver(() => {
    // Two pixels are its frame.
    const width = figure.clientWidth - 2;
    if (width <= 0 || width === wide) return;
    wide = width;
    adjust();
  }).observe(figure);
}

const PASSES = 3;

/** How wide a panel must be so that a chart that is too wide by `excess` pixels fits, or is as narrow as can be read. */
export function panelWidth(now: number, excess: number, panels: number): number {
  return Math.max(LEAST_PANEL, now - Math.ceil(excess / panels));
}

function drawnWidth(view: View): number {
  return Number(view.container()?.querySelector("svg")?.getAttribute("width"));
}
