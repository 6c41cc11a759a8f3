/**
 * The boxes that choose which variants of a results file are shown. `apply` hears which are not; the rows of the
 * tables follow too. Returns what turns one variant's box.
 */
export function variantFilter(
  section: HTMLElement,
  apply: (hidden: ReadonlySet<number>) => void,
): (variant: number) => void {
  const field = section.querySelector("fieldset.controls");
  if (field === null) return () => {};
  const boxes = [...field.querySelectorAll("input")];
  const status = field.querySelector("output");
  const rows = [...section.querySelectorAll<HTMLElement>("tr[data-variant]")];
  const update = () => {
    const hidden = hiddenOf(boxes);
    for (const row of rows) row.hidden = hidden.has(Number(row.dataset.variant));
    if (status !== null) status.textContent = shownText(boxes.length, hidden.size);
    apply(hidden);
  };
  field.addEventListener("change", update);
  for (const button of field.querySelectorAll("button")) {
    button.addEventListener("click", () => {
      for (const box of boxes) box.checked = button.value === "all";
      update();
    });
  }
  field.hidden = false;
  // A browser that comes back to a page keeps its boxes as they were left.
  update();
  return (variant) => {
    const box = boxes.find(({ value }) => value === String(variant));
    if (box === undefined) return;
    box.checked = !box.checked;
    update();
  };
}

/** The variants whose boxes are empty. */
export function hiddenOf(
  boxes: readonly { readonly value: string; readonly checked: boolean }[],
): ReadonlySet<number> {
  return new Set(boxes.filter(({ checked }) => !checked).map(({ value }) => Number(value)));
}

/** How many of how many are shown, in words. */
export function shownText(all: number, hidden: number): string {
  return hidden === 0 ? `all ${all} shown` : `${all - hidden} of ${all} shown`;
}
