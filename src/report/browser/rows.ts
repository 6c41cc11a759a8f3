import type { LongTable } from "./long-table.ts";
import type { Actions, Follower, Shown } from "./view.ts";

/** Tables whose rows are those of series leave out what is hidden. */
export function rowsOf(tables: readonly LongTable[]): Follower {
  let before: ReadonlySet<number> | null = null;
  return {
    follow({ hidden }) {
      if (hidden === before) return;
      before = hidden;
      for (const table of tables) {
        table.hide(({ dataset: { series } }) => series !== undefined && hidden.has(Number(series)));
      }
    },
  };
}

/** Lights the rows of the series under the pointer or the focus, and of those that were chosen. */
export function litRows(section: HTMLElement, actions: Actions): Follower {
  const placeAt = (target: EventTarget | null) => {
    const row = target instanceof Element ? target.closest<HTMLElement>("tr[data-series]") : null;
    return row === null ? null : Number(row.dataset.series);
  };
  for (const type of ["pointerover", "focusin"]) {
    section.addEventListener(type, ({ target }) => {
      const place = placeAt(target);
      if (place !== null) actions.hover(place);
    });
  }
  for (const type of ["pointerout", "focusout"]) {
    section.addEventListener(type, ({ target }) => {
      if (placeAt(target) !== null) actions.hover(null);
    });
  }
  let before: Shown | null = null;
  return {
    follow(shown) {
      const { hovered, chosen } = shown.view;
      const changed = shown.ranking !== before?.ranking || chosen !== before.view.chosen;
      before = shown;
      // Pointing happens all the time, and concerns few rows.
      const rows = changed ? "tr[data-series]" : `tr.lit, tr[data-series="${hovered}"]`;
      for (const row of section.querySelectorAll<HTMLElement>(rows)) {
        const place = Number(row.dataset.series);
        row.classList.toggle("lit", place === hovered);
        row.classList.toggle("chosen", chosen.has(place));
        row.querySelector(".choose")?.setAttribute("aria-pressed", `${chosen.has(place)}`);
      }
    },
  };
}
