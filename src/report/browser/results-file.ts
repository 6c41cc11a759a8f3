import type { TooltipHandler } from "vega";
import { type PackedEntry, unpackedEntries } from "../ranking/packed-entries.ts";
import { toldAnswers } from "./answers.ts";
import { conditionsForm } from "./conditions.ts";
import { wakeFigures } from "./figures.ts";
import { lengthControl } from "./length-control.ts";
import { longTable } from "./long-table.ts";
import { namesOf } from "./names.ts";
import { rankingPanel } from "./ranking.ts";
import { litRows, rowsOf } from "./rows.ts";
import { type FileData, startOf, type View } from "./view.ts";
import { type ViewStore, viewStore } from "./view-store.ts";

/** A results file that answers. */
export interface LiveFile {
  readonly id: string;
  readonly file: FileData;
  readonly start: View;
  readonly store: ViewStore;
}

/**
 * Lets a results file answer; of one without a ranking only the tables and charts do, and null is returned. What its
 * followers show when they are added is the start.
 */
export function liveFile(section: HTMLElement, tooltip: TooltipHandler): LiveFile | null {
  const panel = section.querySelector<HTMLElement>(".ranking");
  const tables = [...section.querySelectorAll<HTMLTableElement>("table.sortable")]
    .filter((table) => !panel?.contains(table))
    .map((table) => longTable(table));
  const data = section.querySelector(":scope > .first > script")?.textContent;
  const file = data === undefined || data === null ? NOTHING : fileOf(JSON.parse(data));
  const names = namesOf(file.entries);
  const start = startOf(file);
  if (start === null || panel === null) {
    wakeFigures(section, { tooltip, names, actions: { hover() {}, choose() {}, find() {} } });
    return null;
  }
  const store = viewStore(file, start);
  store.add({ follow: ({ hidden }) => section.classList.toggle("filtered", hidden.size > 0) });
  store.add(rankingPanel(panel, file, store));
  store.add(toldAnswers(section, file));
  store.add(litRows(section, store));
  store.add(rowsOf(tables));
  store.add(wakeFigures(section, { tooltip, names, actions: store }));
  const conditions = section.querySelector<HTMLFieldSetElement>("fieldset.conditions");
  if (conditions !== null) store.add(conditionsForm(conditions, file, store));
  const at = panel.querySelector<HTMLFieldSetElement>("fieldset.at");
  const control = at === null ? null : lengthControl(at, file, store);
  if (control !== null) store.add(control);
  return { id: section.id, file, start, store };
}

/** What the page holds of a results file. */
interface PackedFile extends Omit<FileData, "entries"> {
  readonly entries: readonly PackedEntry[];
}

function fileOf({ entries, ...rest }: PackedFile): FileData {
  return { ...rest, entries: unpackedEntries(entries) };
}

const NOTHING: FileData = { baseline: "", unit: "pass", entries: [] };
