import { printable } from "../../core/errors.ts";
import type { Results } from "../../record/case-row.ts";
import { BASELINE, comparedWith } from "../../record/schema/baseline.ts";
import type { Environment } from "../../record/schema/result-lines.ts";
import { countText } from "../../text/count-text.ts";
import { formatLength } from "../../text/format.ts";
import { type Html, html } from "../../text/html.ts";
import { shortName } from "../../text/labels.ts";
import { browserName } from "../browser-name.ts";
import { tasksText } from "../learning/tasks-text.ts";
import { lengthsOf, seriesOf, sharedSetting } from "../series.ts";
import { trustSign } from "../trust-sign.ts";
import { onlyOf, unitsIn } from "../units.ts";
import { trustMark } from "./trust-mark.ts";

/** The machine's processor or, as browsers do not tell it, the browser. */
function place({ browser, cpu }: Environment): string {
  return browser === undefined ? printable(cpu, 100) : browserName(browser.user_agent);
}

/** The run in one line: the machine, what was measured, and whether it can be trusted, which leads to the evidence. */
export function headline(results: Results, id: string): Html {
  const trust = trustMark(trustSign(results), `#${id}-evidence`);
  const about = [
    place(results.run.environment),
    ...measured(results),
    ...trained(results),
    trust,
    ...sharedSetting(results.rows).split(" · "),
  ];
  return html`<p class="about">${about.filter((part) => part !== "").map((part) => html`<span>${part}</span> `)}</p>
`;
}

/** What was trained, and on what. */
function trained({ learned }: Results): readonly string[] {
  if (learned === undefined) return [];
  const { cells, tasks, protocol } = learned.study;
  const variants = new Set(
    cells.filter(({ unsupported }) => unsupported === null).map(({ variant }) => variant),
  );
  const quick = protocol === "quick" ? ", a quick study" : "";
  return [`${countText(variants.size, "variant")} trained on ${tasksText(tasks)}${quick}`];
}

/** Of variants, and of curves where a variant has several: by several kernels, in several settings. */
function measured(results: Results): readonly string[] {
  const { rows } = results;
  if (rows.length === 0) return [];
  const lengths = lengthsOf(seriesOf(rows)).map(formatLength);
  const variants = new Set(rows.map(({ variant }) => variant)).size;
  const [unit = "pass"] = unitsIn(results);
  const first = onlyOf(unit, results).rows;
  const curves = seriesOf(first).length;
  const more = curves === new Set(first.map(({ variant }) => variant)).size ? "" : `, ${curves} curves`;
  const range = lengths.length === 1 ? lengths[0] : `${lengths[0]} to ${lengths[lengths.length - 1]}`;
  const over = comparedWith(rows[0]);
  const compared = over === BASELINE ? "" : `, compared with ${shortName(over)}`;
  return [`${countText(variants, "variant")}${more} at ${range} tokens${compared}`];
}
