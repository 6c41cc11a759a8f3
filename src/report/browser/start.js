import { wakeFigures } from "./figures.js";
import { fileChoice } from "./file-choice.js";
import { sortableTable } from "./sortable-table.js";
import { textWidth } from "./text-width.js";
import { tooltipHandler } from "./tooltip.js";
import { variantFilter } from "./variant-filter.js";

/** What the page says without a script stands; this lets it answer. */
function start() {
  const sections = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("main > section")]);
  const select = /** @type {HTMLSelectElement | null} */ (document.querySelector("select[name=file]"));
  if (select !== null) fileChoice(select, sections);
  const box = document.createElement("div");
  box.className = "tooltip";
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  document.body.append(box);
  const tooltip = tooltipHandler(box);
  // Without the picture's measure of text a chart would change its size on waking.
  if (typeof vega !== "undefined") {
    vega.textMetrics.width = ({ fontSize }, text) => textWidth(String(text ?? ""), fontSize ?? 11);
  }
  for (const section of sections) {
    /** @type {(variant: number) => void} */
    let turn = () => {};
    const hide = wakeFigures(section, tooltip, (variant) => turn(variant));
    turn = variantFilter(section, hide);
    for (const table of section.querySelectorAll("table.sortable")) {
      sortableTable(/** @type {HTMLTableElement} */ (table));
    }
  }
}

start();
