import type { ResultLine } from "../../record/schema/result-lines.ts";
import type { DrawnAs, ReportAsks, ReportTells } from "../live-report/protocol.ts";
import { scriptWorker } from "./script-worker.ts";

/** A report as it was drawn. */
export interface DrawnReport {
  /** A page of HTML. */
  readonly page: string;
  /** What was found, as text. */
  readonly found: string;
  /** What to know before believing it. */
  readonly warnings: readonly string[];
  /** Whether anything has a time yet. */
  readonly measured: boolean;
}

/** The worker that draws reports. */
export interface ReportDrawer {
  begin(name: string): void;
  line(line: ResultLine): void;
  draw(as: DrawnAs): Promise<DrawnReport>;
}

/** The scripts that it needs, as text. */
interface DrawerScripts {
  readonly liveReport: string;
  readonly own: string;
  readonly vega: string;
}

export function startDrawer({ liveReport, own, vega }: DrawerScripts): ReportDrawer {
  const worker = scriptWorker("report", vega, liveReport);
  const waiting = new Map<number, PromiseWithResolvers<DrawnReport>>();
  let asked = 0;
  const ask = (one: ReportAsks) => worker.postMessage(one);
  worker.addEventListener("message", ({ data }: MessageEvent<ReportTells>) => {
    const one = waiting.get(data.number);
    waiting.delete(data.number);
    if (data.tell === "drawn") one?.resolve(data);
    else one?.reject(new Error(data.why));
  });
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    for (const { reject } of waiting.values()) reject(new Error(event.message));
    waiting.clear();
  });
  ask({ ask: "scripts", own, vega });
  return {
    begin: (name) => ask({ ask: "begin", name }),
    line: (line) => ask({ ask: "line", line }),
    draw(as) {
      const number = asked++;
      const drawn = Promise.withResolvers<DrawnReport>();
      waiting.set(number, drawn);
      ask({ ask: "draw", number, as });
      return drawn.promise;
    },
  };
}
