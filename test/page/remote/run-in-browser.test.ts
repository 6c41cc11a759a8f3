import { describe, expect, test } from "vitest";
import type { PageChoices } from "../../../src/page/choices.ts";
import { suitePage } from "../../../src/page/document/page.ts";
import { builtSuiteScripts } from "../../../src/page/document/scripts.ts";
import { browserNamed } from "../../../src/page/remote/browser-names.ts";
import { type Patience, runInBrowser } from "../../../src/page/remote/run-in-browser.ts";
import type { ResultLine } from "../../../src/record/schema/result-lines.ts";
import { chromiumProgram, noChromium, whyNoChromium } from "../../browser/chromium.ts";
import { exampleLines, fakeEngine } from "../fake-engine.ts";

interface Ran {
  readonly lines: readonly ResultLine[];
  readonly remarks: readonly string[];
  readonly progress: number;
  readonly error: unknown;
}

const patient: Patience = { opens: 120, tells: 120, answers: 120, stops: 60 };

async function ran(
  engine: string,
  {
    choices = {},
    patience = patient,
    interruptAfter = Number.POSITIVE_INFINITY,
  }: { choices?: PageChoices; patience?: Patience; interruptAfter?: number } = {},
): Promise<Ran> {
  const interrupt = new AbortController();
  const lines: ResultLine[] = [];
  const remarks: string[] = [];
  let progress = 0;
  const host = {
    signal: interrupt.signal,
    remark: (text: string) => remarks.push(text),
    observe: () => {
      progress++;
    },
  };
  const programGiven = chromiumProgram === undefined ? undefined : { path: chromiumProgram, by: "the test" };
  const browser = { kind: browserNamed("chromium"), program: programGiven, words: [] };
  const suite = suitePage(builtSuiteScripts(() => engine));
  try {
    for await (const line of runInBrowser(suite, browser, choices, host, patience)) {
      lines.push(line);
      if (lines.length === interruptAfter) interrupt.abort();
    }
    return { lines, remarks, progress, error: null };
  } catch (error) {
    return { lines, remarks, progress, error };
  }
}

describe.skipIf(noChromium)(`a run in a browser without a window${whyNoChromium}`, () => {
  test("yields the lines that the page's engine tells, and passes on choices, remarks and progress", async () => {
    const choices: PageChoices = { variants: ["local"], lengths: "256..1k", causal: true };
    const { lines, remarks, progress, error } = await ran(fakeEngine(), { choices });
    expect(error).toBeNull();
    expect(lines).toEqual(exampleLines());
    expect(remarks).toEqual([`asked: ${JSON.stringify(choices)}`]);
    expect(progress).toBe(exampleLines().length);
  });

  test("an interrupt ends it, with the lines until then", async () => {
    const { lines, error } = await ran(fakeEngine({ waitsAfter: 40 }), { interruptAfter: 20 });
    expect(error).toBeNull();
    expect(lines.length).toBeGreaterThanOrEqual(20);
    expect(lines.length).toBeLessThanOrEqual(41);
    expect(lines).toEqual(exampleLines().slice(0, lines.length));
  });

  test("an interrupt ends it also if the call under way never ends", async () => {
    const { lines, error } = await ran(fakeEngine({ hangsAfter: 12 }), {
      interruptAfter: 12,
      patience: { ...patient, stops: 1 },
    });
    expect({ lines: lines.length, error }).toEqual({ lines: 12, error: null });
  });

  test("what the page refuses is wrong usage, in its words", async () => {
    const { lines, error } = await ran(fakeEngine(), { choices: { lengths: "no" } });
    expect(lines).toEqual([]);
    expect(String(error)).toBe("UsageError: --lengths: must be lengths, got 'no'");
  });

  test("an engine that breaks is a failure, after the lines that it told", async () => {
    const { lines, error } = await ran(fakeEngine({ breaksAfter: 12 }));
    expect(lines).toEqual(exampleLines().slice(0, 12));
    expect(String(error)).toBe("FailureError: --browser: the engine failed, Uncaught Error: out of order");
  });

  test("a page that says nothing any more is a failure, after the lines that it told", async () => {
    // As patient as this machine needs to start the engine.
    let tells = 2;
    const hanging = () => ran(fakeEngine({ hangsAfter: 12 }), { patience: { ...patient, tells } });
    let { lines, error } = await hanging();
    while (lines.length < 12 && tells < 120) {
      tells *= 4;
      ({ lines, error } = await hanging());
    }
    expect(lines).toHaveLength(12);
    expect(String(error)).toMatch(
      new RegExp(`^FailureError: --browser: the page said nothing for ${tells}(\\.0+)? s$`),
    );
  });
});

test("a browser is known by its name", () => {
  expect(browserNamed(" chrome ")).toMatchObject({ engine: "chromium", channel: "chrome" });
  expect(() => browserNamed("netscape")).toThrow(
    "unknown browser 'netscape'; expected one of chromium, chrome, msedge, firefox, webkit",
  );
});
