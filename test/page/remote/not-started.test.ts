import { describe, expect, test } from "vitest";
import { browserNamed } from "../../../src/page/remote/browser-names.ts";
import { notStarted } from "../../../src/page/remote/not-started.ts";

const said = (name: string, program: string | undefined, why: string) =>
  notStarted(browserNamed(name), program, why).message;

describe("a browser that is not installed", () => {
  const why = "browserType.launch: Executable doesn't exist at /some/where";

  test("may be named by its program where Playwright drives others than its own", () => {
    expect(said("chromium", undefined, why)).toBe(
      "--browser chromium: no such browser is installed; name its program with --browser-path, or run npx playwright-core install chromium",
    );
    expect(said("msedge", undefined, why)).toMatch(
      /--browser-path, or run npx playwright-core install msedge$/,
    );
  });

  test.each(["firefox", "webkit"])("is to be installed where it drives its own alone: %s", (name) => {
    expect(said(name, undefined, why)).toBe(
      `--browser ${name}: no such browser is installed; run npx playwright-core install ${name}`,
    );
  });
});

test("a program that is no browser is told as that", () => {
  const why = "browserType.launch: Target page, context or browser has been closed\nBrowser logs:\n";
  expect(said("chromium", "/bin/true", why)).toBe(
    "--browser chromium: the browser, started as /bin/true, must start, but its program is no such browser or ended at once; name another with --browser-path",
  );
  expect(said("firefox", "/bin/true", why)).toMatch(/ended at once; omit --browser-path$/);
});

test("what else Playwright says is told without the name of its function, in one line", () => {
  expect(said("chromium", undefined, "browserType.launch: Timeout 60000ms exceeded.\nCall log:")).toBe(
    "--browser chromium: the browser must start, got Timeout 60000ms exceeded.\\u{a}Call log:",
  );
});
