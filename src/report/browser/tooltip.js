/** Text longer than this is cut: a name may be ten thousand characters long. */
const MOST = 200;

/**
 * What a tooltip says, a name and a text a line, of whatever Vega hands over: an object of texts, or one text alone.
 * @param {unknown} value
 * @returns {readonly (readonly [name: string, text: string])[]}
 */
export function tooltipLines(value) {
  if (value === null || value === undefined || value === "") return [];
  if (typeof value !== "object") return [["", cut(String(value))]];
  return Object.entries(value).map(([name, text]) => [cut(name), cut(String(text ?? "–"))]);
}

/** @param {string} text */
function cut(text) {
  return text.length > MOST ? `${text.slice(0, MOST).toWellFormed()}…` : text;
}

/**
 * Shows tooltips in `box`, as text, beside the pointer and within the window. Escape and scrolling hide them.
 * @param {HTMLElement} box
 * @returns {import("vega").TooltipHandler}
 */
export function tooltipHandler(box) {
  const hide = () => {
    box.hidden = true;
  };
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape") hide();
  });
  addEventListener("scroll", hide, { passive: true, capture: true });
  return (_handler, event, _item, value) => {
    const lines = tooltipLines(value);
    if (lines.length === 0) return hide();
    box.replaceChildren(...lines.map(line));
    box.hidden = false;
    const { clientX, clientY } = pointOf(event);
    const { width, height } = box.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    box.style.left = `${Math.max(GAP, Math.min(clientX + GAP, clientWidth - width - GAP))}px`;
    const below = clientY + 2 * GAP;
    box.style.top = `${below + height < clientHeight ? below : Math.max(GAP, clientY - height - GAP)}px`;
  };
}

/** @param {MouseEvent | TouchEvent} event */
function pointOf(event) {
  return "touches" in event ? event.touches[0] : event;
}

/** Pixels between the pointer and the box. */
const GAP = 8;

/** @param {readonly [name: string, text: string]} line */
function line([name, text]) {
  const row = document.createElement("div");
  const label = document.createElement("span");
  label.textContent = name;
  row.append(...(name === "" ? [] : [label, " "]), text);
  return row;
}
