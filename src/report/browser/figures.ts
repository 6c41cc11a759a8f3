import { TASK } from "../charts/learned/task-choice.ts";
import { type Row, unpackedRows } from "../packing/columns.ts";
import { downloads } from "./downloads.ts";
import { type Around, type ChartData, type LiveChart, liveChart } from "./live-chart.ts";
import type { Follower, Shown } from "./view.ts";

/** Pixels of a printed page's width. */
const PRINTED = 700;

/**
 * Lets the charts of a results file answer to the reader, each when it comes near the window: until then, and where it
 * fails, its picture stands. All follow the view, those to come too.
 */
export function wakeFigures(section: HTMLElement, around: Around): Follower {
  let now: Shown | null = null;
  /** What pictures show. */
  let start: Shown | null = null;
  let cases: readonly Row[] | null = null;
  const live: LiveChart[] = [];
  const watch = new IntersectionObserver(
    (seen) => {
      for (const { target, isIntersecting } of seen) {
        if (isIntersecting) wake(target as HTMLElement);
      }
    },
    { rootMargin: "50%" },
  );

  /** Those that still are pictures, which say nothing of what the reader asks. */
  const asleep = new Set<HTMLElement>();

  async function wake(figure: HTMLElement): Promise<void> {
    watch.unobserve(figure);
    asleep.delete(figure);
    const data: ChartData = JSON.parse(figure.querySelector("script")?.textContent ?? "");
    const picture = figure.querySelector("svg");
    const container = document.createElement("div");
    // In place before it is drawn, so that nothing jumps when it takes the picture's place.
    picture?.after(container);
    cases ??= casesIn(section);
    const chart = await liveChart(data, cases, figure, container, around);
    container.className = "live";
    // What is within a picture is not told; buttons are.
    container.setAttribute("role", container.querySelector(".patterns") === null ? "img" : "group");
    container.setAttribute("aria-roledescription", "chart");
    container.setAttribute("aria-label", picture?.getAttribute("aria-label") ?? "");
    figure.classList.add("is-live");
    if (now !== null) chart.follow(now);
    live.push(chart);
    const caption = figure.querySelector("figcaption") ?? figure;
    if (container.querySelector(".patterns") !== null) caption.append(hint());
    caption.append(downloads(figure, chart));
    for (const select of figure.querySelectorAll("select")) {
      select.addEventListener("change", () => chart.set(select.name, Number(select.value)));
      if (select.value !== startOf(select)) chart.set(select.name, Number(select.value));
      const label = select.closest("label");
      if (label !== null) label.hidden = false;
    }
  }

  // What is asked of one chart about a task is asked of all.
  section.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLSelectElement && target.name === TASK) followTask(target, section);
  });
  for (const figure of section.querySelectorAll("figure")) {
    if (figure.querySelector("script") === null) continue;
    asleep.add(figure);
    watch.observe(figure);
  }
  // All that these wait for is done before the page is printed.
  addEventListener("beforeprint", async () => {
    if (section.hidden) return;
    const isOther = now?.hidden !== start?.hidden || now?.lit.join() !== start?.lit.join();
    await Promise.all([...asleep].filter((figure) => isOther || isChanged(figure)).map(wake));
    for (const chart of live) chart.fit(PRINTED);
  });
  addEventListener("afterprint", () => {
    for (const chart of live) chart.fit(null);
  });
  return {
    follow(shown) {
      start ??= shown;
      now = shown;
      for (const chart of live) chart.follow(shown);
    },
  };
}

/** Chooses the same task in the other charts that have it; those that do not stay as they are. */
function followTask(chosen: HTMLSelectElement, section: HTMLElement): void {
  for (const select of section.querySelectorAll<HTMLSelectElement>(`select[name=${TASK}]`)) {
    const has = [...select.options].some(({ value }) => value === chosen.value);
    if (select === chosen || select.value === chosen.value || !has) continue;
    select.value = chosen.value;
    // Does not rise to the section, which would ask it again.
    select.dispatchEvent(new Event("change"));
  }
}

/** What a chart's picture shows. */
function startOf(select: HTMLSelectElement): string | undefined {
  return [...select.options].find(({ defaultSelected }) => defaultSelected)?.value;
}

/** Whether something else is chosen than a figure's picture shows. */
function isChanged(figure: HTMLElement): boolean {
  return [...figure.querySelectorAll("select")].some((select) => select.value !== startOf(select));
}

/** The cases that rows of the charts are of, which the page holds once for all of a results file. */
function casesIn(section: HTMLElement): readonly Row[] {
  return unpackedRows(JSON.parse(section.querySelector(":scope > script")?.textContent ?? ""));
}

function hint(): HTMLElement {
  const paragraph = document.createElement("p");
  paragraph.className = "downloads";
  paragraph.textContent = "Click a pattern, or press Enter on it, to enlarge it.";
  return paragraph;
}
