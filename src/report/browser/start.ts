import { textWidth } from "../../text/text-width.ts";
import { followAddress } from "./address.ts";
import { fileChoice } from "./file-choice.ts";
import { followPlaces, toPlace } from "./places.ts";
import { liveFile } from "./results-file.ts";
import { followStuck } from "./stuck.ts";
import { tooltipHandler } from "./tooltip.ts";

/** What the page says without a script stands; this lets it answer. */
function start(): void {
  const sections = [...document.querySelectorAll<HTMLElement>("main > section")];
  const select = document.querySelector<HTMLSelectElement>("select[name=file]");
  const choice = select === null ? null : fileChoice(select, sections);
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
  followPlaces();
  if (sections.length === 0) return;
  followAddress({
    files: sections.map((section) => ({
      id: section.id,
      name: section.querySelector("h2")?.textContent ?? "",
    })),
    live: sections.flatMap((section) => liveFile(section, tooltip) ?? []),
    choice,
  });
  followStuck(select?.closest("label") ?? null, [
    ...document.querySelectorAll<HTMLElement>("fieldset.conditions"),
  ]);
  toPlace();
}

start();
