/** Which results file is shown. */
export interface FileChoice {
  /** Its id; empty for all of them, one after another. */
  readonly shown: string;
  /** Shows the file of this id, if there is one, or all. */
  show(id: string): void;
  /** Tells when the reader chose another. */
  add(chosen: () => void): void;
}

/** Shows one results file at a time, as chosen, or all of them. An address that leads to a place in a file chooses that. */
export function fileChoice(select: HTMLSelectElement, sections: readonly HTMLElement[]): FileChoice {
  const listeners: (() => void)[] = [];
  const show = (id: string) => {
    if (id !== "" && !sections.some((section) => section.id === id)) return;
    select.value = id;
    for (const section of sections) section.hidden = !isShown(section.id, id);
  };
  const follow = () => {
    const place = location.hash.slice(1);
    const section = sections.find(({ id }) => id === place || `${id}-` === place.slice(0, id.length + 1));
    if (section === undefined) return;
    show(section.id);
    document.getElementById(place)?.scrollIntoView();
  };
  select.addEventListener("change", () => {
    show(select.value);
    for (const listener of listeners) listener();
  });
  addEventListener("hashchange", follow);
  const label = select.closest("label");
  if (label !== null) label.hidden = false;
  const list = document.querySelector("nav");
  if (list !== null) list.hidden = true;
  show(select.value);
  follow();
  return {
    get shown() {
      return select.value;
    },
    show,
    add: (listener) => listeners.push(listener),
  };
}

/** Whether the section of this id is shown when this is chosen: its own id, or none for all. */
export function isShown(id: string, chosen: string): boolean {
  return chosen === "" || chosen === id;
}
