import { tellerOf, told } from "../told/index.ts";
import { type FileData, type Follower, ranked, type Shown } from "./view.ts";

/** Gives the answers of topics anew of what is shown, those that can be: the others are marked as of all. */
export function toldAnswers(section: HTMLElement, file: FileData): Follower {
  const all = ranked(file);
  const answers = [...section.querySelectorAll<HTMLElement>(".answer[data-told]")].flatMap((element) => {
    const teller = tellerOf(element.dataset.told);
    return teller === null ? [] : [{ element, teller }];
  });
  let before: Shown["ranking"] | null = null;
  return {
    follow({ ranking }) {
      if (ranking === before) return;
      before = ranking;
      const shown = new Set([...ranking.ranked, ...ranking.unranked].map(({ entry }) => entry));
      const entries = all.filter((entry) => shown.has(entry));
      for (const { element, teller } of answers) {
        element.textContent =
          told(teller, { entries, all, baseline: file.baseline }) ?? nothingTold(entries.length);
      }
    },
  };
}

/** Why there is no answer. */
export function nothingTold(shown: number): string {
  return shown === 0 ? "No variant meets these conditions." : "Of what is shown nothing is known.";
}
