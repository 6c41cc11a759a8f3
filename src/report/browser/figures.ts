import type { TooltipHandler } from "vega";
import { type ChartData, type LiveChart, liveChart } from "./live-chart.ts";

/**
 * Lets the charts of a results file answer to the reader, each when it comes near the window: until then, and where it
 * fails, its picture stands. Returns what hides variants in all of them, those to come too.
 */
export function wakeFigures(
  section: HTMLElement,
  tooltip: TooltipHandler,
  onLegend: (variant: number) => void,
): (hidden: ReadonlySet<number>) => void {
  let hidden: ReadonlySet<number> = new Set();
  const live: LiveChart[] = [];
  const watch = new IntersectionObserver(
    (seen) => {
      for (const { target, isIntersecting } of seen) {
        if (!isIntersecting) continue;
        watch.unobserve(target);
        wake(target);
      }
    },
    { rootMargin: "50%" },
  );

  async function wake(figure: Element): Promise<void> {
    const data: ChartData = JSON.parse(figure.querySelector("script")?.textContent ?? "");
    const picture = figure.querySelector("svg");
    const container = document.createElement("div");
    // In place before it is drawn, so that nothing jumps when it takes the picture's place.
    picture?.after(container);
    const chart = await liveChart(data, container, tooltip, onLegend);
    container.className = "live";
    container.setAttribute("role", "img");
    container.setAttribute("aria-roledescription", "chart");
    container.setAttribute("aria-label", picture?.getAttribute("aria-label") ?? "");
    figure.classList.add("is-live");
    if (hidden.size > 0) chart.hide(hidden);
    live.push(chart);
    for (const select of figure.querySelectorAll("select")) {
      select.addEventListener("change", () => chart.set(select.name, Number(select.value)));
      const label = select.closest("label");
      if (label !== null) label.hidden = false;
    }
  }

  for (const figure of section.querySelectorAll("figure")) {
    if (figure.querySelector("script") !== null) watch.observe(figure);
  }
  return (variants) => {
    hidden = variants;
    for (const chart of live) chart.hide(variants);
  };
}
