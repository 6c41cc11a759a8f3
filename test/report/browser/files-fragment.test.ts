import fc from "fast-check";
import { expect, test } from "vitest";
import { askedFiles, fileKeys, filesFragment } from "../../../src/report/browser/files-fragment.ts";

const view = fc.constantFrom("", "n=3000", "n=3&lit=a%2Cb,c");

test("an address asks for the file and the views that it was made of", () => {
  const name = fc.string({ minLength: 1 });
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
      fc.array(view, { minLength: 3, maxLength: 3 }),
      fc.boolean(),
      (names, texts, isFirst) => {
        const views = new Map<string | null, string>(names.map((file, at) => [file, texts[at]]));
        if (isFirst) views.set(null, "n=1");
        const asked = { shown: isFirst ? null : names[0], views };
        const opened = askedFiles(filesFragment(asked));
        expect(opened.shown).toBe(asked.shown);
        for (const [file, text] of views) expect(opened.views.get(file) ?? "").toBe(text);
      },
    ),
  );
});

test("of one file as at the start nothing needs to be said, and a choice is said in words", () => {
  expect(filesFragment({ shown: null, views: new Map([[null, ""]]) })).toBe("");
  expect(filesFragment({ shown: null, views: new Map([[null, "n=3000"]]) })).toBe("n=3000");
  expect(
    filesFragment({
      shown: "decode",
      views: new Map([
        ["example", ""],
        ["decode", ""],
      ]),
    }),
  ).toBe("file=decode");
  expect(
    filesFragment({
      shown: "*",
      views: new Map([
        ["a b", "n=1"],
        ["c", "n=2"],
      ]),
    }),
  ).toBe("file=*&file=a%20b&n=1&file=c&n=2");
});

test("whatever stands in an address, none throws, and what is of no file is of none", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom("file=%E0%A4%A", "file=", "n=1"))),
      (parts) => {
        expect(askedFiles(parts.join("&")).views).toBeInstanceOf(Map);
      },
    ),
  );
  expect(askedFiles("file=%E0%A4%A&n=1")).toEqual({ shown: "", views: new Map([["", "n=1"]]) });
});

test("files go by their names, and by their ids where names do not tell them apart", () => {
  const files = ["a", "b", "b", "*", "", "file-1"].map((name, at) => ({ id: `file-${at + 1}`, name }));
  expect(fileKeys(files)).toEqual(["a", "file-2", "file-3", "file-4", "file-5", "file-6"]);
});
