import { inks } from "../charts/look.ts";
import { type PartArea, type PatternCard, type PatternCards, pairsByPart } from "../charts/pattern-cards.ts";
import type { Row } from "../packing/columns.ts";

/** Pixels of the enlarged matrix's side, and beside it for what its rows and columns are. */
const SIDE = 480;
const EDGE = 42;

/**
 * A dialog that shows a pattern enlarged: its matrix, the parts of it with their colours and pairs, N and parameters. Escape,
 * its button and a click beside it close it; the focus goes back to where it was.
 */
export function patternDialog({ parts }: PatternCards, rows: readonly Row[]): (card: PatternCard) => void {
  const dialog = document.createElement("dialog");
  dialog.className = "pattern";
  document.body.append(dialog);
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close();
  });
  return (card) => {
    const close = element("button", "close");
    close.setAttribute("type", "button");
    close.addEventListener("click", () => dialog.close());
    const areas = areasOf(rows, card);
    const shares = pairsByPart(areas, parts);
    const all = card.length ** 2;
    const count = shares.reduce((sum, { pairs }) => sum + pairs, 0);
    const told = `N = ${card.length}: ${count} of ${all} pairs of query and key count (${percent(count / all)}).`;
    const title = element("h4", card.title);
    const legend = document.createElement("ul");
    legend.append(
      ...shares.map(({ word, color, pairs }) => {
        const entry = document.createElement("li");
        entry.append(swatch(color), ` ${word}: ${pairs} pairs (${percent(pairs / all)})`);
        return entry;
      }),
    );
    const image = rows.filter((row) => card.image !== null && row.panel === card.image);
    const box = document.createElement("div");
    const colors = new Map(parts.map(({ word, color }) => [word, color]));
    const beside = document.createElement("div");
    beside.append(element("p", card.family), element("p", told), legend, ...parameters(card));
    if (image.length > 0) {
      beside.append(
        element("p", "What the pixel with a dot attends, in its image:"),
        pixels(image, colors, `${card.title}: the keys of one pixel, in its image`),
      );
    }
    box.className = "enlarged";
    box.append(matrix(areas, colors, card, told), beside);
    const head = document.createElement("div");
    head.className = "head";
    head.append(title, close);
    dialog.setAttribute("aria-label", card.title);
    dialog.replaceChildren(head, box);
    dialog.showModal();
  };
}

function areasOf(rows: readonly Row[], { panel, series }: PatternCard): readonly PartArea[] {
  return rows
    .filter((row) => row.panel === panel && row.series === series)
    .map(({ part, rowFrom, rowTo, keyFrom, keyTo }) => ({
      part: String(part),
      rowFrom: Number(rowFrom),
      rowTo: Number(rowTo),
      keyFrom: Number(keyFrom),
      keyTo: Number(keyTo),
    }));
}

type Colors = ReadonlyMap<string, string>;

/** The matrix with its cells numbered from 0, queries down and keys across. */
function matrix(areas: readonly PartArea[], colors: Colors, { title, length }: PatternCard, told: string) {
  const cell = SIDE / length;
  const picture = svg(`0 0 ${SIDE + EDGE + 2} ${SIDE + EDGE + 2}`, `Attention matrix of ${title}. ${told}`);
  const cells = shape("g", { transform: `translate(${EDGE},${EDGE})` });
  for (const { part, rowFrom, rowTo, keyFrom, keyTo } of areas) {
    cells.append(
      shape("rect", {
        x: keyFrom * cell,
        y: rowFrom * cell,
        width: (keyTo - keyFrom) * cell,
        height: (rowTo - rowFrom) * cell,
        fill: colors.get(part) ?? inks.line.light,
      }),
    );
  }
  const lines = Array.from({ length: length + 1 }, (_, at) => at * cell)
    .map((at) => `M${at},0V${SIDE}M0,${at}H${SIDE}`)
    .join("");
  cells.append(shape("path", { d: lines, stroke: inks.grid.light, fill: "none" }));
  const letters = { fill: inks.text.light, "font-size": 12 };
  for (let at = 0; at < length; at += Math.ceil(length / 8)) {
    const middle = EDGE + (at + 0.5) * cell;
    picture.append(
      text(at, { ...letters, x: middle, y: EDGE - 5, "text-anchor": "middle" }),
      text(at, { ...letters, x: EDGE - 5, y: middle + 4, "text-anchor": "end" }),
    );
  }
  picture.append(
    cells,
    text("keys →", { ...letters, x: EDGE, y: 12 }),
    text("queries →", { ...letters, transform: `translate(8,${EDGE}) rotate(90)` }),
  );
  return picture;
}

/** Every pixel of an image, and a dot in the one whose keys they are. */
function pixels(rows: readonly Row[], colors: Colors, label: string) {
  const side = SIDE / 3;
  const picture = svg(`-1 -1 ${side + 2} ${side + 2}`, label);
  picture.setAttribute("width", `${side}`);
  for (const { part, left, right, top, bottom } of rows) {
    picture.append(
      shape("rect", {
        x: side * Number(left),
        y: side * Number(top),
        width: side * (Number(right) - Number(left)),
        height: side * (Number(bottom) - Number(top)),
        fill: colors.get(String(part)) ?? inks.ground.light,
        stroke: inks.grid.light,
      }),
    );
  }
  for (const { isQuery, middle, centre } of rows) {
    if (isQuery !== true) continue;
    picture.append(
      shape("circle", {
        cx: side * Number(middle),
        cy: side * Number(centre),
        r: 5,
        fill: inks.ground.light,
        stroke: inks.text.light,
      }),
    );
  }
  return picture;
}

/** A table, if there are parameters. */
function parameters({ parameters: own }: PatternCard): readonly HTMLElement[] {
  if (own.length === 0) return [];
  const table = document.createElement("table");
  const rows = [["parameter", "drawn", "measured"], ...own].map((texts, place) => {
    const row = document.createElement("tr");
    row.append(
      ...texts.map((one, column) => {
        const cell = element(place === 0 || column === 0 ? "th" : "td", one);
        cell.setAttribute("scope", place === 0 ? "col" : "row");
        return cell;
      }),
    );
    return row;
  });
  table.append(...rows);
  return [table];
}

function swatch(color: string): SVGElement {
  const picture = shape("svg", { class: "symbol", width: 12, height: 12, "aria-hidden": "true" });
  picture.append(shape("rect", { width: 12, height: 12, fill: color }));
  return picture;
}

function svg(viewBox: string, label: string): SVGElement {
  return shape("svg", { viewBox, role: "img", "aria-label": label });
}

function text(content: string | number, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = shape("text", attributes);
  made.textContent = `${content}`;
  return made;
}

function shape(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, `${value}`);
  return made;
}

function element(name: string, content: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = content;
  return made;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
