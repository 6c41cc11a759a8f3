import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readLines, readResults } from "../../src/record/read.ts";
import type { ResultLine } from "../../src/record/schema/result-lines.ts";
import { refusal } from "../input/refusal.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { fileOf, sampleCase, sampleLines, sampleRound } from "./sample-lines.ts";

const folder = scratchFolder();
const read = (content: string | Uint8Array) => readLines(folder.write("results.jsonl", content));
const refused = (content: string | Uint8Array): string => refusal(() => read(content));

test("a file reads back as what was written", () => {
  const [run, ...lines] = sampleLines();
  const content = fileOf([run, ...lines]);
  expect(read(content)).toEqual({ run, lines, learned: null, validBytes: content.length, truncated: false });
});

test("a file cut off at any byte reads as the whole lines before, or is refused where the first is not whole", () => {
  const lines = sampleLines({ cases: 1, rounds: 2 });
  // Letters of several bytes, so that cuts fall within one.
  lines[0].environment.cpu = "Größe 猫 🐈";
  const bytes = Buffer.from(fileOf(lines), "utf8");
  for (let end = 0; end <= bytes.length; end++) {
    const cut = bytes.subarray(0, end);
    // A line that lacks its end alone is whole.
    const closed = bytes[end] === 0x0a && end > 0;
    const whole = cut.filter((byte) => byte === 0x0a).length + (closed ? 1 : 0);
    if (whole === 0) {
      expect(refused(cut)).toMatch(
        /must hold a whole line, got \d+ bytes without one; give a file that attnbench/,
      );
      continue;
    }
    const validBytes = closed ? end : cut.lastIndexOf(0x0a) + 1;
    const got = read(cut);
    expect([got.run, ...got.lines]).toEqual(lines.slice(0, whole));
    expect(got).toMatchObject({ validBytes, truncated: validBytes < end });
  }
});

describe("a last line without its end", () => {
  const lines = sampleLines({ cases: 1, rounds: 2 });
  const content = fileOf(lines).trimEnd();

  test.each([
    ["of a file with lines that end in CRLF", content.replaceAll("\n", "\r\n"), false],
    ["but for the first half of one", `${content}\r`, false],
    ["and spaces after it", `${content}   `, false],
    ["and an empty line after it", `${content}\n  \t`, false],
  ])("counts where it is closed, %s", (_, text, truncated) => {
    const got = read(text);
    expect([got.run, ...got.lines]).toEqual(lines);
    expect(got.truncated).toBe(truncated);
  });

  test.each([
    ["its last brace", content.slice(0, -1)],
    ["what follows half a letter", Buffer.from(`${content}\n{"type":"round","case":"é`).subarray(0, -1)],
    ["all but zeros, as after a loss of power", `${content}\n\0\0\0\0`],
    ["what follows a number", `${content}\n{"type":"round","round":1`],
  ])("is left out where it lacks %s", (_, text) => {
    const got = read(text);
    expect(got.truncated).toBe(true);
    expect([got.run, ...got.lines]).toEqual(lines.slice(0, got.lines.length + 1));
    expect(got.lines.length).toBeGreaterThanOrEqual(lines.length - 2);
  });

  test("is held to what every line is held to", () => {
    expect(refused(`${content}\n{"type":"round"}`)).toMatch(
      /line 5: case: .*; restore the line, or remove it/,
    );
    expect(refused(`${content}\n[1]`)).toMatch(/line 5: /);
  });
});

describe("the encoding of a file", () => {
  const content = fileOf(sampleLines());

  test("may be marked as UTF-8", () => {
    const { run, lines, validBytes } = read(content);
    expect(read(`\ufeff${content}`)).toEqual({
      run,
      lines,
      learned: null,
      validBytes: validBytes + 3,
      truncated: false,
    });
    expect(refused("\ufeff")).toMatch(/must hold a whole line, got 3 bytes/);
  });

  const utf32 = (text: string) =>
    Buffer.from(Uint32Array.from(text, (one) => one.codePointAt(0) ?? 0).buffer);
  test.each([
    ["UTF-16", Buffer.from(`\ufeff${content}`, "utf16le")],
    ["UTF-16", Buffer.from(content, "utf16le")],
    ["UTF-16", Buffer.from(`\ufeff${content}`, "utf16le").swap16()],
    ["UTF-16", Buffer.from(content, "utf16le").swap16()],
    ["UTF-32", utf32(`\ufeff${content}`)],
    ["UTF-32", utf32(content).swap32()],
  ])("is named where it is %s", (encoding, bytes) => {
    expect(refused(bytes)).toMatch(
      new RegExp(
        `results.jsonl must be UTF-8, got ${encoding}; save it as UTF-8, such as with iconv -f ${encoding}`,
      ),
    );
  });
});

/** Every place within a value, with the path that leads there; empty ones are no place to break. */
function places(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return path.length > 0 ? [path] : [];
  return [
    ...(path.length > 0 ? [path] : []),
    ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, key])),
  ];
}

function withPlace(
  value: unknown,
  [key, ...rest]: readonly string[],
  change: (inner: unknown) => unknown,
): unknown {
  const copy: Record<string, unknown> = Object.assign(Array.isArray(value) ? [] : {}, value);
  copy[key] = rest.length === 0 ? change(copy[key]) : withPlace(copy[key], rest, change);
  return copy;
}

const [run] = sampleLines({ cases: 1, rounds: 1 });
const sample = { run, case: sampleCase("case-0", 16), round: sampleRound("case-0", 0) };

describe.each(["run", "case", "round"] as const)("a line of type %s", (type) => {
  const at = Object.keys(sample).indexOf(type);
  const fileWith = (line: unknown) => fileOf(Object.values(sample).with(at, line as ResultLine));

  test.each(places(sample[type]).map((path) => path.join(".")))(
    "is refused where %s has a wrong type",
    (place) => {
      const broken = withPlace(sample[type], place.split("."), () => [[]]);
      expect(refused(fileWith(broken))).toMatch(new RegExp(`results.jsonl line ${at + 1}: .*got `));
    },
  );

  test.each(Object.keys(sample[type]))("is refused without its field %s", (field) => {
    const broken = { ...sample[type], [field]: undefined };
    expect(refused(fileWith(broken))).toMatch(new RegExp(`line ${at + 1}: ${field}: .*, got nothing; `));
  });

  test("may have fields that this version does not know", () => {
    expect(() => read(fileWith({ ...sample[type], unheard: { of: 1 } }))).not.toThrow();
  });
});

test.each([
  ["a negative sample", { samples: [-1] }, /samples.0: .*got -1/],
  ["no sample", { samples: [] }, /samples: .*got \[\]/],
  ["a sample that is missing", { samples: [null] }, /samples.0: .*got null/],
  ["a broken count of calls", { calls: 0 }, /calls: .*got 0/],
  ["a fractional round", { round: 0.5 }, /round: .*got 0.5/],
  ["a round that was not planned", { round: 7 }, /a round must be under the 1 planned, got 7/],
  [
    "a round of an unknown case",
    { case: "other\u001b[31m" },
    /a round must name a case above it, got 'other\\u\{1b\}/,
  ],
])("a round with %s is refused", (_, change, says) => {
  const content = fileOf([sample.run, sample.case, { ...sample.round, ...change }]);
  expect(refused(content)).toMatch(/results.jsonl line 3: /);
  expect(refused(content)).toMatch(says);
});

test("numbers that JSON does not have are refused", () => {
  for (const number of ["NaN", "Infinity", "1e999"]) {
    const content = fileOf([sample.run, sample.case, sample.round]).replace('"at_s":0', `"at_s":${number}`);
    expect(refused(content)).toMatch(/line 3/);
  }
});

test("a round stands once, a run stands first and alone, and cases are planned", () => {
  const { run, round } = sample;
  const line = sample.case;
  expect(refused(fileOf([run, line, round, round]))).toMatch(/line 4: .*got round 0 of 'case-0' again/);
  expect(refused(fileOf([run, line, run]))).toMatch(
    /line 3: a file must hold one run, got a second; split the file there/,
  );
  expect(refused(fileOf([line]))).toMatch(/line 1 must be of type run, got case/);
  expect(refused(fileOf([run, round]))).toMatch(/line 2: a round must name a case above it/);
  expect(refused(fileOf([run, { ...line, case: "other" }]))).toMatch(
    /line 2: a case must be one of the plan/,
  );
});

test("a file of another schema names the version to use", () => {
  for (const schema of [0, 2, "1"]) {
    expect(refused(fileOf([{ ...sample.run, schema, plan: "other" }]))).toMatch(
      /line 1: the schema must be 1, got .*; use the version of attnbench that wrote it/,
    );
  }
});

test.each([
  ["a table", "variant,kernel\nlocal,js\n", /line 1 must be JSON, got variant,kernel; give a file that/],
  ["zeros", new Uint8Array(100), /must hold a whole line, got 100 bytes without one/],
  ["blank lines", "\n\n \n", /must hold a whole line/],
  ["a list", "[1,2]\n", /line 1: must be an object, got \[1,2\]/],
  ["nothing but null", "null\n", /must be an object, got null/],
  ["brackets without end", `${"[".repeat(100_000)}\n`, /line 1 must be JSON/],
])("%s is no results file", (_, content, says) => {
  expect(refused(content)).toMatch(says);
});

test("any bytes at all are read or refused in one clear line", () => {
  const lines = fileOf(sampleLines({ cases: 1, rounds: 1 }));
  const damage = fc.record({
    at: fc.nat(lines.length - 1),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
  });
  fc.assert(
    fc.property(damage, ({ at, bytes }) => {
      const content = Buffer.from(lines, "utf8");
      content.set(bytes.subarray(0, content.length - at), at);
      const path = folder.write("damaged.jsonl", content);
      try {
        readLines(path);
      } catch {
        refusal(() => readLines(path));
      }
    }),
  );
});

test("a later line of a case takes the place of an earlier one", () => {
  const failed = { ...sample.case, outcome: "failed", reason: "verification: row 3" };
  const path = folder.write("failed.jsonl", fileOf([sample.run, sample.case, sample.round, failed]));
  expect(readResults(path, "mine").rows).toMatchObject([
    { outcome: "failed", reason: "verification: row 3", median_s: null, samples: 0, rounds: 0 },
  ]);
});
