import { saveFile } from "../../report/browser/save-file.ts";
import { choicesIn } from "./choices.ts";
import { drawnResults } from "./drawn-results.ts";
import { byId } from "./elements.ts";
import { keptLines } from "./kept-lines.ts";
import { startDrawer } from "./live-report.ts";
import { packedScript } from "./packed-script.ts";
import { progressView } from "./progress.ts";
import { followRemote, tellRemote } from "./remote.ts";
import { type Session, startSession } from "./session.ts";

/** The page as it opens: its engine is asked what it can do, and its form answers. */
async function start(): Promise<void> {
  const [engine, liveReport, own, vega] = await Promise.all(
    ["engine-script", "live-report-script", "report-script", "vega-script"].map(packedScript),
  );
  const drawer = startDrawer({ liveReport, own, vega });
  const lines = keptLines();
  const session = startSession(
    engine,
    { lines, progress: progressView(), results: drawnResults(drawer) },
    tellRemote,
  );
  followRemote(session);
  followForm(session);
  byId("save-results", HTMLButtonElement).addEventListener("click", lines.save);
  byId("save-report", HTMLButtonElement).addEventListener("click", async () => {
    const { page } = await drawer.draw("file");
    saveFile(new Blob([page], { type: "text/html" }), `${lines.name}.html`);
  });
  followEnlarging();
  addEventListener("beforeunload", (event) => {
    if (session.isRunning || lines.unsaved) event.preventDefault();
  });
}

function followForm(session: Session): void {
  const form = byId("choices", HTMLFormElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (session.chosen === null) return;
    session.run(choicesIn(form, session.chosen.variants(), session.chosen.kernels()));
  });
  byId("stop", HTMLButtonElement).addEventListener("click", session.stop);
  byId("rerun", HTMLButtonElement).addEventListener("click", session.rerun);
}

/** The report over the whole window, and back. */
function followEnlarging(): void {
  const section = byId("report", HTMLElement);
  const button = byId("enlarge", HTMLButtonElement);
  const turn = (large: boolean) => {
    section.classList.toggle("large", large);
    button.setAttribute("aria-pressed", `${large}`);
    button.textContent = large ? "back" : "enlarge";
  };
  button.addEventListener("click", () => turn(!section.classList.contains("large")));
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape") turn(false);
  });
}

void start();
