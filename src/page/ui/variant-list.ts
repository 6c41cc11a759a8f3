import type { OfferedVariant } from "../protocol.ts";
import { byId, made, tickBox } from "./elements.ts";

/** The variants to choose among, family by family. */
export interface VariantList {
  /** The ids of those chosen. */
  chosen(): readonly string[];
}

interface Entry {
  readonly variant: OfferedVariant;
  readonly label: HTMLLabelElement;
  readonly input: HTMLInputElement;
}

interface Group {
  readonly element: HTMLElement;
  /** Chooses all that are shown of it. */
  readonly all: HTMLInputElement;
  readonly entries: readonly Entry[];
}

export function variantList(variants: readonly OfferedVariant[]): VariantList {
  const filter = byId("filter", HTMLInputElement);
  const chosen = byId("chosen", HTMLOutputElement);
  const families = byId("families", HTMLElement);
  const groups = [...Map.groupBy(variants, ({ family }) => family)].map(([family, ones]) =>
    groupOf(family, ones),
  );
  const entries = groups.flatMap((group) => group.entries);
  const nothing = made("p", "no variant is called so", { className: "empty", hidden: true });
  families.replaceChildren(...groups.map(({ element }) => element), nothing);
  const tell = () => {
    const ticked = entries.filter(({ input }) => input.checked).length;
    const shown = entries.filter(({ label }) => !label.hidden).length;
    const found = shown === entries.length ? "" : `, ${shown} shown`;
    chosen.textContent = `${ticked} of ${entries.length} chosen${found}`;
    for (const group of groups) tellGroup(group);
  };
  const narrow = () => {
    const words = filter.value.toLowerCase().split(/\s+/);
    for (const { element, entries: own } of groups) {
      for (const { variant, label } of own) {
        const said = `${variant.id} ${variant.title} ${variant.family}`.toLowerCase();
        label.hidden = !words.every((word) => said.includes(word));
      }
      element.hidden = own.every(({ label }) => label.hidden);
    }
    nothing.hidden = groups.some(({ element }) => !element.hidden);
    tell();
  };
  filter.addEventListener("input", narrow);
  // Enter in the filter is not a wish to run.
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  families.addEventListener("change", ({ target }) => {
    const group = groups.find(({ all }) => all === target);
    if (group !== undefined) tick(shownIn(group.entries), group.all.checked);
    tell();
  });
  const picks: Readonly<Record<string, () => void>> = {
    usual: () => {
      for (const { variant, input } of entries) input.checked = variant.usual;
    },
    shown: () => tick(shownIn(entries), true),
    none: () => tick(entries, false),
  };
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-pick]")) {
    button.addEventListener("click", () => {
      picks[button.dataset.pick ?? ""]?.();
      tell();
    });
  }
  narrow();
  return {
    chosen: () => entries.filter(({ input }) => input.checked).map(({ variant }) => variant.id),
  };
}

function groupOf(family: string, variants: readonly OfferedVariant[]): Group {
  const element = made("div", "", { className: "family" });
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", family);
  const { label, input: all } = tickBox(family, {});
  const entries = variants.map((variant) => {
    const box = tickBox(variant.id, { checked: variant.usual, name: "variants", value: variant.id });
    box.label.title = variant.title;
    return { variant, ...box };
  });
  const boxes = made("div");
  boxes.append(...entries.map((entry) => entry.label));
  element.append(label, boxes);
  return { element, all, entries };
}

function tellGroup({ all, entries }: Group): void {
  const shown = shownIn(entries);
  const ticked = shown.filter(({ input }) => input.checked).length;
  all.checked = ticked > 0 && ticked === shown.length;
  all.indeterminate = ticked > 0 && ticked < shown.length;
}

function shownIn(entries: readonly Entry[]): readonly Entry[] {
  return entries.filter(({ label }) => !label.hidden);
}

function tick(entries: readonly Entry[], checked: boolean): void {
  for (const { input } of entries) input.checked = checked;
}
