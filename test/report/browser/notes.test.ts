import { expect, test } from "vitest";
import { notesOf } from "../../../src/report/browser/notes.ts";

const seen = { drawn: new Set(["a", "b", "c"]), hidden: new Set(["c"]), lit: null };

test("the lines below a title name nothing that is hidden", () => {
  const leftOut = {
    against: "full attention",
    without: ["fnet", "c"],
    apart: [
      { label: "rfa", against: "itself" },
      { label: "c", against: "itself" },
    ],
  };
  expect(notesOf({ places: "pixels", leftOut }, seen)).toEqual([
    "Left out, having no error against full attention: fnet",
    "Left out, measured against itself: rfa",
  ]);
  const all = new Set(["fnet", "rfa", "c"]);
  expect(notesOf({ leftOut }, { ...seen, hidden: all })).toEqual([]);
});

test("they count the lines that are coloured among those that are seen, if not all are", () => {
  expect(notesOf(undefined, { ...seen, lit: new Set(["a", "c"]) })).toEqual([
    "1 of 2 coloured: the fastest; the others are grey",
  ]);
  expect(notesOf(undefined, { ...seen, lit: new Set(["a", "b"]) })).toEqual([]);
  expect(notesOf(null, seen)).toEqual([]);
});

test("lines that hold whatever is seen stay, as what was measured does", () => {
  const notes = ["mqar: recall at 64 tokens after 800 steps"];
  expect(notesOf({ panels: 4, notes }, seen)).toEqual(notes);
  expect(notesOf({ notes: [] }, { ...seen, lit: new Set(["a"]) })).toEqual([]);
});
