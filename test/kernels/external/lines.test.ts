import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Answer } from "../../../src/kernels/external/attendant-words.ts";
import { LineReader } from "../../../src/kernels/external/line-reader.ts";
import { readAnswer } from "../../../src/kernels/external/read-answer.ts";

describe("the lines that a program writes", () => {
  it("are the same however they arrive", () => {
    const line = fc.string({ unit: fc.constantFrom("a", "é", "\r", " ", "日") });
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(), { maxLength: 9 }), fc.boolean(), (lines, cuts, crlf) => {
        const told = lines.map((one) => one.replace(/\r+$/, ""));
        const bytes = Buffer.from(told.map((one) => one + (crlf ? "\r\n" : "\n")).join(""));
        const places = [
          0,
          ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
          bytes.length,
        ];
        const reader = new LineReader(1000);
        const read = places.slice(1).flatMap((to, at) => [...reader.take(bytes.subarray(places[at], to))]);
        expect(read.map(String)).toEqual(told);
      }),
    );
  });

  it("are no longer than they may be, and what is too long is not kept", () => {
    const reader = new LineReader(10);
    expect([...reader.take(Buffer.from("0123456789\n"))].map(String)).toEqual(["0123456789"]);
    expect(reader.isTooLong).toBe(false);
    expect([...reader.take(Buffer.from("0123"))]).toEqual([]);
    expect([...reader.take(Buffer.from("4567890\nnext\n"))]).toEqual([]);
    expect(reader.isTooLong).toBe(true);
    expect([...reader.take(Buffer.from("more\n"))]).toEqual([]);
  });
});

const asked = { id: 7, mayNeed: false };
const answerTo = (line: string, to: Parameters<typeof readAnswer>[1] = asked): Answer =>
  readAnswer(Buffer.from(line), to);

describe("an answer", () => {
  it.each([
    ['{"id": 7, "ok": {"wall": 1}}', { ok: { wall: 1 } }],
    ['{"ok": null, "id": 7}', { ok: null }],
    ['{"id": 7, "error": "no GPU\\nat all"}', { error: "no GPU\\u{a}at all" }],
    ['{"id": 7, "error": ""}', { error: "no reason was told" }],
    ['{"id": 7, "error": {"code": 3}}', { error: "no reason was told" }],
  ])("%s is understood", (line, answer) => {
    expect(answerTo(line)).toEqual(answer);
  });

  it("may be a need, while a program prepares", () => {
    expect(answerTo('{"id": 7, "need": "csr"}', { id: 7, mayNeed: true })).toEqual({ need: "csr" });
    expect(answerTo('{"id": 7, "need": "csr"}')).toMatchObject({
      lost: expect.stringContaining("while it prepares"),
    });
    expect(answerTo('{"id": 7, "need": "all"}', { id: 7, mayNeed: true })).toHaveProperty("lost");
  });

  it.each([
    ["hello", "wrote 'hello' to standard output"],
    ["", "an empty line"],
    ["[1]", "wrote '[1]'"],
    ["null", "wrote 'null'"],
    ["7", "wrote '7'"],
    ['{"id": 8, "ok": 1}', "answered request 8 where 7 was asked"],
    ['{"id": 0, "ok": 1}', "answered request 0 where 7 was asked"],
    ['{"id": 6, "ok": 1}', "without being asked; it must answer each request once"],
    ['{"id": "7", "ok": 1}', "answered request 7 where 7 was asked"],
    ['{"ok": 1}', "answered request undefined"],
    ['{"id": 7}', "one of ok and error"],
    ['{"id": 7, "ok": 1, "error": "x"}', "one of ok and error"],
    ['{"id": 7, "done": true}', "one of ok and error"],
    ["\u001b[31mred\u001b[0m", "wrote '\\u{1b}[31mred"],
  ])("%j is none, and the program is lost", (line, why) => {
    expect(answerTo(line)).toEqual({ lost: expect.stringContaining(why) });
  });

  it("of bytes that are not UTF-8, or that nobody asked for, is none", () => {
    expect(readAnswer(Buffer.from([0xff, 0xfe]), asked)).toEqual({
      lost: expect.stringContaining("not UTF-8"),
    });
    expect(answerTo('{"id": 7, "ok": 1}', null)).toEqual({
      lost: expect.stringContaining("without being asked"),
    });
  });
});
