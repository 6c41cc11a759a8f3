import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { redraws } from "../../src/commands/redraws.ts";
import { type ProgressDisplay, progressDisplay, redrawnDisplay } from "../../src/commands/run-progress.ts";
import { fakeIo } from "./fake-io.ts";

const terminal = { isTTY: true };

test("a line is drawn again only on a terminal that understands escapes", () => {
  expect(redraws(terminal, { TERM: "xterm-256color" })).toBe(true);
  expect(redraws(terminal, { TERM: "xterm", NO_COLOR: "" })).toBe(true);
  for (const env of [{ TERM: "dumb" }, { TERM: "unknown" }, {}, { TERM: "xterm", NO_COLOR: "1" }]) {
    expect({ env, redraws: redraws(terminal, env) }).toEqual({ env, redraws: false });
  }
  expect(redraws({}, { TERM: "xterm" })).toBe(false);
});

/** What a display writes, to a terminal or not. */
function onTerminal(open: typeof progressDisplay, redraws: boolean) {
  const written: string[] = [];
  const err = Object.assign(new PassThrough(), { isTTY: true, columns: 100 });
  err.on("data", (bytes) => written.push(String(bytes)));
  const display: ProgressDisplay = open({ ...fakeIo(), err, redraws });
  return { display, text: () => written.join("") };
}

/** What progress writes to a terminal until it is killed, which is before it is stopped. */
function written(redraws: boolean): string {
  const { display, text } = onTerminal(progressDisplay, redraws);
  for (const done of [0, 1]) {
    display.update({ phase: "measure", case: "full at 64 ".repeat(20), done, total: 9, secondsLeft: 3 });
  }
  const killed = text();
  display.stop();
  return killed;
}

test("a killed run leaves the terminal as it was: the cursor is never hidden, nor are lines kept from wrapping", () => {
  const text = written(true);
  expect(text).toContain("measuring");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what is looked for
  expect(text).not.toMatch(/\u001b\[\?\d+[hl]/);
  expect(written(false)).not.toContain("\u001b");
});

test("work that says what it has done shows how far it is between that, on a terminal alone", () => {
  const ask = { phase: "ask", total: 3, secondsLeft: null } as const;
  const { display, text } = onTerminal(redrawnDisplay, true);
  for (const [done, name] of ["first", "second"].entries()) {
    display.update({ ...ask, case: name, done });
    expect(text()).toContain(name);
    // Whatever is printed now is on a line of its own.
    display.stop();
  }
  const piped = onTerminal(redrawnDisplay, false);
  piped.display.update({ ...ask, case: "first", done: 0 });
  piped.display.stop();
  expect(piped.text()).toBe("");
});
