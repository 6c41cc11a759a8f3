import { messageOf } from "../../core/errors.ts";
import type { ResultLine } from "../../record/schema/result-lines.ts";
import { inFieldLabels } from "../field-labels.ts";
import { drawingPace } from "./drawing-pace.ts";
import { byId, made } from "./elements.ts";
import type { ReportDrawer } from "./live-report.ts";
import { reportFrame } from "./report-frame.ts";

/** What is seen of a run's results: the report, and what was found as text. */
export interface DrawnResults {
  /** Before the first line of a run, which takes the place of the one before. */
  begin(): void;
  /** Drawn now and then, while anybody can see it. */
  line(line: ResultLine, name: string): void;
  /** Drawn once more, with what answers to the reader. */
  end(): Promise<void>;
}

export function drawnResults(drawer: ReportDrawer): DrawnResults {
  const frame = reportFrame(byId("frame", HTMLElement));
  const [found, title, warnings] = ["found", "found-name", "warnings"].map((id) => byId(id, HTMLElement));
  const sections = ["findings", "report"].map((id) => byId(id, HTMLElement));
  let isRunning = false;
  const draw = async (as: "still" | "live") => {
    const { page, found: text, warnings: told, measured } = await drawer.draw(as);
    // Overtaken by the last drawing, or of what is not worth a look yet.
    if (as === "still" && !(isRunning && measured)) return;
    found.textContent = inFieldLabels(text);
    warnings.replaceChildren(...told.map((warning) => made("li", inFieldLabels(warning))));
    warnings.hidden = told.length === 0;
    title.textContent = as === "still" ? "Found so far" : "Found";
    for (const section of sections) section.hidden = false;
    if (as === "still") frame.showStill(page);
    else frame.showLive(page);
  };
  const tried = (as: "still" | "live") =>
    draw(as).catch((thrown: unknown) => {
      found.textContent = `the report cannot be drawn: ${messageOf(thrown)}`;
      sections[0].hidden = false;
    });
  const pace = drawingPace(() => (isRunning ? tried("still") : Promise.resolve()), {
    now: () => performance.now(),
    later: (act, milliseconds) => void setTimeout(act, milliseconds),
    seen: () => !document.hidden,
  });
  return {
    begin() {
      isRunning = true;
    },
    line(line, name) {
      if (line.type === "run") drawer.begin(name);
      drawer.line(line);
      if (line.type !== "run") pace.changed();
    },
    async end() {
      isRunning = false;
      await tried("live");
    },
  };
}
