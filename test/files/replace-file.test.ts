import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FailureError, UsageError } from "../../src/core/errors.ts";
import { replaceFile, replaceFileWith } from "../../src/files/replace-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "attnbench-files-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a file is replaced, by text or by bytes", () => {
  const path = join(folder, "file");
  replaceFile(path, "é");
  replaceFile(path, Uint8Array.of(1, 2));
  expect([...readFileSync(path)]).toEqual([1, 2]);
  expect(readdirSync(folder)).toEqual(["file"]);
});

test.each(["ENOSPC", "EDQUOT"])(
  "on %s the old file stays, no draft is left, and the message says what to do",
  (code) => {
    const path = join(folder, "file");
    writeFileSync(path, "old");
    const fill = () =>
      replaceFileWith(path, (write) => {
        write(Uint8Array.of(1));
        throw Object.assign(new Error(code), { code });
      });
    expect(fill).toThrow(
      new FailureError(`${path}: cannot be written, the disk is full; make room and try again`),
    );
    expect(readdirSync(folder)).toEqual(["file"]);
    expect(readFileSync(path, "utf8")).toBe("old");
  },
);

test("a limit on the size of files is told in words, with what to do", () => {
  const path = join(folder, "file");
  const fill = () =>
    replaceFileWith(path, () => {
      throw Object.assign(new Error("EFBIG: file too large, write"), { code: "EFBIG" });
    });
  expect(fill).toThrow(
    new FailureError(
      `${path}: cannot be written, it is larger than files may be here (ulimit -f); raise it and try again`,
    ),
  );
});

test("a folder in the file's place or a missing folder around it is refused", () => {
  expect(() => replaceFile(folder, "")).toThrow(UsageError);
  expect(() => replaceFile(join(folder, "none", "file"), "")).toThrow(
    "its folder does not exist; create it first",
  );
});

test.runIf(process.platform === "linux")(
  "a folder that takes no new files is told apart from a missing one",
  () => {
    expect(() => replaceFile("/proc/attnbench.json", "")).toThrow(
      "/proc/attnbench.json: cannot be written, its folder takes no new files; choose another",
    );
  },
);
