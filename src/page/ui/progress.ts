import { formatSeconds } from "../../text/format.ts";
import type { PageProgress } from "../protocol.ts";
import { byId } from "./elements.ts";

const verbs: Readonly<Record<PageProgress["phase"], string>> = { check: "checking", measure: "measuring" };

/** Shows how far a run has got. */
export interface ProgressView {
  begin(): void;
  show(progress: PageProgress): void;
  end(): void;
}

export function progressView(): ProgressView {
  const section = byId("progress", HTMLElement);
  const bar = section.querySelector("progress");
  const [phase, what, left] = ["phase", "case", "left"].map((id) => byId(id, HTMLElement));
  const clear = () => {
    phase.textContent = what.textContent = left.textContent = "";
  };
  return {
    begin() {
      section.hidden = false;
      clear();
      bar?.removeAttribute("value");
      if (bar !== null) bar.hidden = false;
    },
    show({ phase: doing, case: name, done, total, secondsLeft }) {
      if (bar !== null) [bar.max, bar.value] = [Math.max(1, total), done];
      phase.textContent = `${verbs[doing]} ${done}/${total}`;
      what.textContent = name;
      left.textContent = `at most ${formatSeconds(Math.max(1, Math.round(secondsLeft)), 2)} left`;
    },
    end() {
      clear();
      if (bar !== null) bar.hidden = true;
    },
  };
}
