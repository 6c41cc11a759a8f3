import { expect, test } from "vitest";
import { askedText } from "../../../src/report/browser/asked-text.ts";
import { ranked } from "../../../src/report/browser/view.ts";
import { type Conditions, choicesAmong, NO_CONDITIONS } from "../../../src/report/ranking/conditions.ts";
import { sampleFile } from "./sample-file.ts";

const choices = choicesAmong(ranked(sampleFile()));

test("paper says in words what is asked, and nothing if nothing is", () => {
  expect(askedText(NO_CONDITIONS, false, choices)).toBe("");
  const asked: Conditions = {
    chosen: new Map([
      ["family", new Set(["sparse", "dense"])],
      ["state", new Set(["constant"])],
    ]),
    memory: 1.5 * 2 ** 20,
    error: 0.07,
  };
  expect(askedText(asked, true, choices)).toBe(
    "constant state; family dense or sparse; memory at most 1.5 MiB; error at most 7 %; lit only",
  );
});
