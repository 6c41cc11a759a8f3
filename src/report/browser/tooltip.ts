import type { TooltipHandler } from "vega";

/** Text longer than this is cut: a name may be ten thousand characters long. */
const MOST = 200;

/** A name, which may be empty, and a text. */
type Line = readonly [name: string, text: string];

/** What a tooltip says of whatever Vega hands over: an object of texts, or one text alone. */
export function tooltipLines(value: unknown): readonly Line[] {
  if (value === null || value === undefined || value === "") return [];
  if (typeof value !== "object") return [["", cut(String(value))]];
  return Object.entries(value).map(([name, text]) => [cut(name), cut(String(text ?? "–"))]);
}

function cut(text: string): string {
  return text.length > MOST ? `${text.slice(0, MOST).toWellFormed()}…` : text;
}

/** Shows tooltips in `box`, as text, beside the pointer and within the window. Escape and scrolling hide them. */
export function tooltipHandler(box: HTMLElement): TooltipHandler {
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

function pointOf(event: MouseEvent | TouchEvent): MouseEvent | Touch {
  return "touches" in event ? event.touches[0] : event;
}

/** Pixels between the pointer and the box. */
const GAP = 8;

function line([name, text]: Line): HTMLElement {
  const row = document.createElement("div");
  const label = document.createElement("span");
  label.textContent = name;
  row.append(...(name === "" ? [] : [label, " "]), text);
  return row;
}
