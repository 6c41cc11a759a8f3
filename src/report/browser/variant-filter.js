/**
 * The boxes that choose which variants of a results file are shown. `apply` hears which are not; the rows of the
 * tables follow too. Returns what turns one variant's box.
 * @param {HTMLElement} section
 * @param {(hidden: ReadonlySet<number>) => void} apply
 * @returns {(variant: number) => void}
 */
export function variantFilter(section, apply) {
  const field = section.querySelector("fieldset");
  if (field === null) return () => {};
  const boxes = [...field.querySelectorAll("input")];
  const status = field.querySelector("output");
  const rows = /** @type {HTMLElement[]} */ ([...section.querySelectorAll("tr[data-variant]")]);
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

/**
 * The variants whose boxes are empty.
 * @param {readonly { readonly value: string, readonly checked: boolean }[]} boxes
 * @returns {ReadonlySet<number>}
 */
export function hiddenOf(boxes) {
  return new Set(boxes.filter(({ checked }) => !checked).map(({ value }) => Number(value)));
}

/**
 * @param {number} all
 * @param {number} hidden
 */
export function shownText(all, hidden) {
  return hidden === 0 ? `all ${all} shown` : `${all - hidden} of ${all} shown`;
}
