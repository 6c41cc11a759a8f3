import { messageOf } from "../../core/errors.ts";
import type { ResultLine, RunLine } from "../../record/schema/result-lines.ts";
import type { PageScripts } from "../../report/page/layout.ts";
import { warningsOf } from "../../report/warnings.ts";
import type { ReportAsks, ReportTells } from "./protocol.ts";
import { foundIn, hasTimes, pageOf, resultsOf, withoutWaiting } from "./run-report.ts";

/** The worker in which the page's report is drawn. */
function serve(): void {
  let scripts: PageScripts = { own: "", vega: "" };
  let name = "";
  let run: RunLine | null = null;
  let lines: Exclude<ResultLine, RunLine>[] = [];
  const tell = (told: ReportTells) => postMessage(told);
  const draw = async ({ number, as }: Extract<ReportAsks, { ask: "draw" }>) => {
    try {
      if (run === null) throw new Error("there is no line yet");
      const so = { name, run, lines };
      const results = resultsOf(as === "still" ? withoutWaiting(so) : so);
      const found = foundIn(results);
      const page = await pageOf(results, as, scripts);
      const warnings = warningsOf(results);
      tell({ tell: "drawn", number, page, found, warnings, measured: hasTimes(results) });
    } catch (thrown) {
      tell({ tell: "failed", number, why: messageOf(thrown) });
    }
  };
  addEventListener("message", ({ data }: MessageEvent<ReportAsks>) => {
    switch (data.ask) {
      case "scripts":
        scripts = data;
        return;
      case "begin":
        [name, run, lines] = [data.name, null, []];
        return;
      case "line":
        if (data.line.type === "run") run = data.line;
        else lines.push(data.line);
        return;
      case "draw":
        void draw(data);
        return;
      default:
        data satisfies never;
    }
  });
}

serve();
