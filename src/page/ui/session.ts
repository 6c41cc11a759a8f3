import type { PageChoices } from "../choices.ts";
import { inFieldLabels } from "../field-labels.ts";
import type { EngineTells, Offer } from "../protocol.ts";
import type { DrawnResults } from "./drawn-results.ts";
import { byId, made } from "./elements.ts";
import { type Engine, startEngine } from "./engine.ts";
import type { KeptLines } from "./kept-lines.ts";
import type { ProgressView } from "./progress.ts";
import { type Chosen, showOffer } from "./show-offer.ts";

/** What a run is shown by. */
export interface SessionViews {
  readonly lines: KeptLines;
  readonly progress: ProgressView;
  readonly results: DrawnResults;
}

/** Runs in this page, one at a time. */
export interface Session {
  readonly isRunning: boolean;
  /** What is chosen among what this browser offers; null until that is known. */
  readonly chosen: Chosen | null;
  /** Begins a run; `draws` unless nobody looks at its report. */
  run(choices: PageChoices, draws?: boolean): void;
  /** The last one again. */
  rerun(): void;
  /** Ends the run when the call under way has ended; asked again, at once. */
  stop(): void;
}

/** What a run was asked for with. */
interface AskedRun {
  readonly choices: PageChoices;
  readonly draws: boolean;
}

export function startSession(
  script: string,
  { lines, progress, results }: SessionViews,
  overhear: (told: EngineTells) => void,
): Session {
  const status = byId("status", HTMLElement);
  const refused = byId("refused", HTMLElement);
  const remarks = byId("remarks", HTMLElement);
  const [runs, stops, reruns] = ["run", "stop", "rerun"].map((id) => byId(id, HTMLButtonElement));
  let offer: Offer | null = null;
  let chosen: Chosen | null = null;
  /** The run whose first line is still to come. Until then the one before stays as it is: this one may be refused. */
  let asked: AskedRun | null = null;
  /** The run whose lines are kept, and how it ended. */
  let last: AskedRun | null = null;
  let outcome = "";
  let remarked: string[] = [];
  let state: "idle" | "running" | "stopping" = "idle";

  const engine: Engine = startEngine(script, (told) => {
    hear(told);
    overhear(told);
  });

  function hear(told: EngineTells): void {
    switch (told.tell) {
      case "ready":
        // A replaced engine offers the same, and what is chosen stays.
        if (offer === null) chosen = showOffer(told.offer);
        offer = told.offer;
        show();
        return;
      case "line":
        if (asked !== null) takePlace(asked);
        lines.add(told.line);
        if (last?.draws) results.line(told.line, lines.name);
        return;
      case "progress":
        progress.show(told.progress);
        return;
      case "remark":
        remarked.push(inFieldLabels(told.text));
        if (asked === null) showRemarks();
        return;
      case "ended":
        end(told.stopped ? "stopped: what was measured until then stands" : "done");
        return;
      case "refused":
        refuse(inFieldLabels(told.why));
        return;
      case "failed":
        if (state === "idle" || asked !== null) refuse(`the engine failed: ${inFieldLabels(told.why)}`);
        else end(`ended by a failure: ${inFieldLabels(told.why)}; what was measured until then stands`);
        return;
      default:
        told satisfies never;
    }
  }

  /** The first line of a run has come: it takes the place of the one before. */
  function takePlace(run: AskedRun): void {
    [asked, last] = [null, run];
    lines.begin();
    if (run.draws) results.begin();
    showRemarks();
  }

  function showRemarks(): void {
    remarks.replaceChildren(...remarked.map((text) => made("li", text)));
    remarks.hidden = remarked.length === 0;
  }

  function refuse(why: string): void {
    refused.textContent = why;
    refused.hidden = false;
    rest(outcome);
    byId("progress", HTMLElement).hidden = last === null;
  }

  function end(text: string): void {
    if (asked !== null) {
      rest("stopped before anything was measured");
      return;
    }
    outcome = text;
    rest(text);
    if (last?.draws) void results.end();
  }

  function rest(text: string): void {
    state = "idle";
    asked = null;
    status.textContent = text;
    progress.end();
    show();
  }

  function begin(choices: PageChoices, draws: boolean): void {
    if (state !== "idle" || offer === null) return;
    state = "running";
    asked = { choices, draws };
    remarked = [];
    refused.hidden = true;
    status.textContent = "running";
    progress.begin();
    engine.run(choices);
    show();
  }

  function show(): void {
    // A button that has the focus and is disabled would lose it to nowhere.
    const focused = document.activeElement;
    runs.disabled = state !== "idle" || offer === null;
    stops.disabled = state === "idle";
    stops.textContent = state === "stopping" ? "Stop now" : "Stop";
    reruns.disabled = runs.disabled || last === null;
    if (focused instanceof HTMLButtonElement && focused.disabled) (stops.disabled ? runs : stops).focus();
  }

  return {
    get isRunning() {
      return state !== "idle";
    },
    get chosen() {
      return chosen;
    },
    run: (choices, draws = true) => begin(choices, draws),
    rerun() {
      if (last !== null) begin(last.choices, last.draws);
    },
    stop() {
      if (state === "running") {
        state = "stopping";
        status.textContent = "stopping when the call under way has ended";
        engine.stop();
        show();
      } else if (state === "stopping") {
        engine.restart();
        end("stopped at once: what was measured until then stands");
      }
    },
  };
}
