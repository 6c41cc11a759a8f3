import { FILE, partsOf } from "./fragment.ts";

/**
 * Shows one results file at a time, as chosen, or all of them. An address that leads to a file, or asks for a view of
 * it, chooses it.
 */
export function fileChoice(select: HTMLSelectElement, sections: readonly HTMLElement[]): void {
  const show = () => {
    for (const section of sections) section.hidden = !isShown(section.id, select.value);
  };
  const follow = () => {
    const fragment = location.hash.slice(1);
    const isView = fragment.includes("=");
    const id = isView ? (new Map(partsOf(fragment)).get(FILE)?.[0] ?? "") : fragment;
    const section = sections.find((one) => one.id === id || `${one.id}-` === id.slice(0, one.id.length + 1));
    if (section === undefined) return;
    select.value = section.id;
    show();
    if (!isView) document.getElementById(id)?.scrollIntoView();
  };
  select.addEventListener("change", show);
  addEventListener("hashchange", follow);
  const label = select.closest("label");
  if (label !== null) label.hidden = false;
  const list = document.querySelector("nav");
  if (list !== null) list.hidden = true;
  show();
  follow();
}

/** Whether the section of this id is shown when this is chosen: its own id, or none for all. */
export function isShown(id: string, chosen: string): boolean {
  return chosen === "" || chosen === id;
}
