import { liveChart } from "./live-chart.js";

/**
 * Lets the charts of a results file answer to the reader, each when it comes near the window: until then, and where it
 * fails, its picture stands. Returns what hides variants in all of them, those to come too.
 * @param {HTMLElement} section
 * @param {import("vega").TooltipHandler} tooltip
 * @param {(variant: number) => void} onLegend
 * @returns {(hidden: ReadonlySet<number>) => void}
 */
export function wakeFigures(section, tooltip, onLegend) {
  /** @type {ReadonlySet<number>} */
  let hidden = new Set();
  /** @type {import("./live-chart.js").LiveChart[]} */
  const live = [];
  const watch = new IntersectionObserver(
    (seen) => {
      for (const { target, isIntersecting } of seen) {
        if (!isIntersecting) continue;
        watch.unobserve(target);
        wake(/** @type {HTMLElement} */ (target));
      }
    },
    { rootMargin: "50%" },
  );

  /** @param {HTMLElement} figure */
  async function wake(figure) {
    const data = JSON.parse(figure.querySelector("script")?.textContent ?? "");
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
