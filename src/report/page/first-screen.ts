import type { Unit } from "../../core/operation.ts";
import type { Results } from "../../record/case-row.ts";
import { type Html, html } from "../../text/html.ts";
import type { Chart } from "../charts/chart.ts";
import { tokenTime } from "../charts/decode/time.ts";
import { recallByState } from "../charts/learned/recall-by-state.ts";
import { passTime, time } from "../charts/time.ts";
import type { Drawing, DrawnResults } from "../drawings.ts";
import { isLearnedOnly } from "../learning/learned-only.ts";
import { entriesOf } from "../ranking/entries.ts";
import { packedEntries } from "../ranking/packed-entries.ts";
import { baselineOf } from "../series.ts";
import { unitsIn } from "../units.ts";
import { WORDS, wordsOver } from "../words.ts";
import { conditionsForm } from "./conditions-form.ts";
import { figure } from "./figure.ts";
import { headline } from "./headline.ts";
import { learnedSection } from "./learned-section.ts";
import { inlineData } from "./policy.ts";
import { rankingSection } from "./ranking.ts";

type Charts = Pick<DrawnResults, "results" | "drawings">;

const heroes: Readonly<Record<Unit, Chart>> = {
  training: passTime(WORDS.training),
  gradients: passTime(WORDS.gradients),
  pass: time,
  step: tokenTime,
};

/**
 * The chart that the first screen shows: time over length, of all series of the unit that it is about, or what was learned, if
 * nothing else is.
 */
export function heroOf({ results, drawings }: Charts): Drawing | undefined {
  const { id } = isLearnedOnly(results) ? recallByState : heroes[unitOfFirst(results)];
  return drawings.find(({ chart }) => chart.id === id);
}

/** What the file is mainly about. */
function unitOfFirst(results: Results): Unit {
  return unitsIn(results)[0] ?? "pass";
}

/**
 * What a reader sees first of a results file: the run in one line, the conditions, time over length, and the ranking at a
 * length. Of several units it is about the main one; steps beside passes are a topic of their own.
 */
export function firstScreen({ results, drawings }: Charts, id: string, live: ReadonlySet<Drawing>): Html {
  const hero = heroOf({ results, drawings });
  const picture =
    hero === undefined || hero.drawn === null
      ? html``
      : figure(hero, `${id}-${hero.chart.id}`, live.has(hero), true);
  if (results.learned !== undefined && isLearnedOnly(results)) {
    return html`${headline(results, id)}<div class="first">
${learnedSection({ ...results, learned: results.learned }, id)}${picture}</div>
`;
  }
  const all = entriesOf(results);
  const unit = unitOfFirst(results);
  const { baseline } = wordsOver(baselineOf(results.rows))[unit];
  const entries = all.filter((entry) => entry.unit === unit);
  return html`${headline(results, id)}${conditionsForm(entries)}<div class="first">
${picture}${rankingSection(entries, baseline, id)}${inlineData({ baseline, unit, entries: packedEntries(all) })}
</div>
`;
}
