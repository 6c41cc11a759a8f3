import type { Browser, Page } from "playwright-core";
import { FailureError, messageOf, UsageError } from "../../core/errors.ts";
import type { Host } from "../../library/host.ts";
import type { ResultLine } from "../../record/schema/result-lines.ts";
import { formatSeconds } from "../../text/format.ts";
import { parseDuration } from "../../text/units.ts";
import type { PageChoices } from "../choices.ts";
import type { SuitePage } from "../document/page.ts";
import type { EngineTells } from "../protocol.ts";
import { REMOTE } from "../remote-events.ts";
import { servePage } from "../server/serve-page.ts";
import { type BrowserChoice, openBrowser } from "./open-browser.ts";
import { type TellQueue, tellQueue } from "./tell-queue.ts";

/** Seconds for which the browser is waited for before it passes for hung. */
export interface Patience {
  /** Until the page is there and says what it can measure. */
  readonly opens: number;
  /** Until it says anything more: a line, how far it has got. */
  readonly tells: number;
  /** Until the page answers at all, which it does beside what it measures. */
  readonly answers: number;
  /** Until a run that is stopped has ended its call. */
  readonly stops: number;
}

const PATIENCE: Patience = { opens: 60, tells: 900, answers: 60, stops: 20 };

/**
 * Runs the suite in a browser without a window, in the page that is served for it, and yields the lines of the results as
 * they come. An interrupt ends the run between two calls. A browser that cannot be started, ends or hangs is a
 * FailureError, and what the page refuses to run a UsageError.
 */
export async function* runInBrowser(
  suite: SuitePage,
  choice: BrowserChoice,
  choices: PageChoices,
  host: Pick<Host, "signal" | "remark" | "observe">,
  patience: Patience = PATIENCE,
): AsyncGenerator<ResultLine, void, void> {
  const server = await servePage(suite, 0);
  let browser: Browser | null = null;
  try {
    browser = await openBrowser(choice);
    const queue = tellQueue<EngineTells>();
    const page = await openPage(browser, queue, server.address, patience);
    if (host.signal.aborted) return;
    yield* linesOf(page, queue, choices, host, patienceFor(choices, patience));
  } finally {
    // A browser that hangs does not end when it is asked to.
    if (browser !== null) await within(browser.close(), patience.stops).catch(() => {});
    await server.close();
  }
}

/** A run that may take longer may be silent for longer. */
function patienceFor({ budget }: PageChoices, patience: Patience): Patience {
  if (budget === undefined) return patience;
  return { ...patience, tells: Math.max(patience.tells, parseDuration("--budget", budget)) };
}

/** The page in the browser, once its engine is ready; what it tells goes to the queue, and so do ends that nobody asked for. */
async function openPage(
  browser: Browser,
  queue: TellQueue<EngineTells>,
  address: string,
  { opens }: Patience,
): Promise<Page> {
  const ended = (how: string) => () => queue.fail(new FailureError(`--browser: the browser ${how}`));
  browser.on("disconnected", ended("ended before the run did"));
  try {
    const page = await browser.newPage();
    page.on("crash", ended("crashed, such as for want of memory"));
    page.on("close", ended("ended before the run did"));
    await page.exposeFunction(TELL, (told: EngineTells) => queue.tell(told));
    await page.addInitScript(passOn, [REMOTE.told, TELL]);
    await page.goto(address, { timeout: 1000 * opens });
    const first = await within(queue.next(), opens);
    if (first.tell === "failed") throw new FailureError(`--browser: the page's engine failed, ${first.why}`);
    return page;
  } catch (thrown) {
    if (thrown instanceof FailureError) throw thrown;
    throw new FailureError(
      `--browser: the page must open within ${formatSeconds(opens)}, got ${messageOf(thrown)}`,
    );
  }
}

/** The name by which the page calls this process. */
const TELL = "attnbenchTell";

/** Runs in the page, before its own script. */
function passOn([event, name]: readonly string[]): void {
  // Of the page's world, which this file's types do not know.
  const world = globalThis as unknown as {
    readonly document: {
      addEventListener(name: string, hear: (event: { readonly detail: unknown }) => void): void;
    };
  } & Record<string, (told: unknown) => void>;
  world.document.addEventListener(event, ({ detail }) => world[name](detail));
}

/** Runs in the page: says something to it. */
function dispatch([event, detail]: readonly [string, unknown]): void {
  const world = globalThis as unknown as {
    readonly document: { dispatchEvent(event: unknown): void };
    readonly CustomEvent: new (name: string, options: { readonly detail: unknown }) => unknown;
  };
  world.document.dispatchEvent(new world.CustomEvent(event, { detail }));
}

async function* linesOf(
  page: Page,
  queue: TellQueue<EngineTells>,
  choices: PageChoices,
  { signal, remark, observe }: Pick<Host, "signal" | "remark" | "observe">,
  patience: Patience,
): AsyncGenerator<ResultLine, void, void> {
  let stopBy = Number.POSITIVE_INFINITY;
  const stop = () => {
    stopBy = performance.now() + 1000 * patience.stops;
    // A browser that is no longer there is told by the queue.
    page.evaluate(dispatch, [REMOTE.stop, null] as const).catch(() => {});
    setTimeout(() => queue.fail(new Stopped()), 1000 * patience.stops).unref();
  };
  signal.addEventListener("abort", stop, { once: true });
  const watch = watchAnswers(page, queue, patience);
  try {
    await page.evaluate(dispatch, [REMOTE.run, choices] as const);
    for (;;) {
      const told = await within(queue.next(), patience.tells).catch((thrown: unknown) => {
        if (thrown instanceof Stopped && performance.now() >= stopBy) return null;
        throw thrown instanceof Late
          ? new FailureError(`--browser: the page said nothing for ${formatSeconds(patience.tells)}`)
          : thrown;
      });
      switch (told?.tell) {
        case undefined:
        case "ended":
          return;
        case "line":
          yield told.line;
          break;
        case "progress":
          observe(told.progress);
          break;
        case "remark":
          remark(told.text);
          break;
        case "refused":
          throw new UsageError(told.why);
        case "failed":
          throw new FailureError(`--browser: the engine failed, ${told.why}`);
        case "ready":
          break;
        default:
          told satisfies never;
      }
    }
  } finally {
    signal.removeEventListener("abort", stop);
    clearInterval(watch);
  }
}

/** Asks the page now and then whether it is there: its own thread waits for nothing, whatever is measured. */
function watchAnswers(page: Page, queue: TellQueue<EngineTells>, { answers }: Patience): NodeJS.Timeout {
  let isAsking = false;
  const timer = setInterval(async () => {
    if (isAsking) return;
    isAsking = true;
    await within(page.evaluate("0"), answers).catch((thrown: unknown) => {
      // Other errors are those of a page that is gone, which is told as such.
      if (thrown instanceof Late) {
        queue.fail(new FailureError(`--browser: the browser has not answered for ${formatSeconds(answers)}`));
      }
    });
    isAsking = false;
  }, 500 * answers);
  timer.unref();
  return timer;
}

/** The run was stopped, and its call has not ended. */
class Stopped extends Error {}

/** What was waited for has not come. */
class Late extends Error {
  override message = "no answer";
}

function within<Value>(promise: Promise<Value>, seconds: number): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Late()), 1000 * seconds);
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
}
