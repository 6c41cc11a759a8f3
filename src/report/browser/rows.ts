import type { Entry } from "../ranking/entry.ts";
import type { LongTable } from "./long-table.ts";
import type { Actions, Follower, Shown } from "./view.ts";

/** Tables whose rows are those of series leave out what is hidden. Rows of a variant go with the last of its series. */
export function rowsOf(tables: readonly LongTable[], entries: readonly Entry[]): Follower {
  const places = placesByVariant(entries);
  let before: ReadonlySet<number> | null = null;
  return {
    follow({ hidden }) {
      if (hidden === before) return;
      before = hidden;
      for (const table of tables) {
        table.hide(({ dataset: { series, variant } }) => {
          if (series !== undefined) return hidden.has(Number(series));
          const own = variant === undefined ? [] : (places[Number(variant)] ?? []);
          return own.length > 0 && own.every((place) => hidden.has(place));
        });
      }
    },
  };
}

/** The places of each variant's entries, in the order in which variants first appear. */
export function placesByVariant(entries: readonly Entry[]): readonly (readonly number[])[] {
  const sorted = entries.toSorted((a, b) => a.place - b.place);
  return [...Map.groupBy(sorted, ({ variant }) => variant).values()].map((alike) =>
    alike.map(({ place }) => place),
  );
}

/** Lights the rows of the series under the pointer or the focus, and of those that were chosen. */
export function litRows(section: HTMLElement, actions: Actions): Follower {
  const placeAt = (target: EventTarget | null) => {
    const row = target instanceof Element ? target.closest<HTMLElement>("tr[data-series]") : null;
    return row === null ? null : Number(row.dataset.series);
  };
  // From row to row of one table only the last call counts.
  section.addEventListener("pointerover", ({ target }) => {
    const place = placeAt(target);
    if (place !== null) actions.hover(place);
  });
  section.addEventListener("pointerout", ({ target, relatedTarget }) => {
    if (placeAt(target) !== null && placeAt(relatedTarget) === null) actions.hover(null);
  });
  section.addEventListener("focusin", ({ target }) => actions.hover(placeAt(target)));
  section.addEventListener("focusout", ({ target }) => {
    if (placeAt(target) !== null) actions.hover(null);
  });
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
