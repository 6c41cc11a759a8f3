import process from "node:process";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { commandWords, outsideQuotes } from "../../../src/kernels/external/command-words.ts";
import {
  commandOf,
  filesNamed,
  namesProgram,
  programName,
  programOf,
} from "../../../src/kernels/external/program-spec.ts";
import { kernelEntries } from "../../../src/library/kernel-choice.ts";

describe("the words of a command", () => {
  it.each([
    ["python3 mine.py", ["python3", "mine.py"]],
    ["  python3\t mine.py  ", ["python3", "mine.py"]],
    [`"my python" 'a b.py' --x="1 2"`, ["my python", "a b.py", "--x=1 2"]],
    [String.raw`"say \"so\"" "a\\b" c\d 'e\f'`, [`say "so"`, "a\\b", "c\\d", "e\\f"]],
    [`python3 '' ""`, ["python3", "", ""]],
    ["python3 größe-ñ-日本.py", ["python3", "größe-ñ-日本.py"]],
  ])("of %s are %j", (text, words) => {
    expect(commandWords("--kernel", text)).toEqual(words);
  });

  it("are those that were quoted, whatever they hold", () => {
    const word = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const quoted = words.map((one) => `"${one.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`);
        expect(commandWords("--kernel", quoted.join(" "))).toEqual(words);
      }),
    );
  });

  it.each([
    ["", "must name a program"],
    ["   ", "must name a program"],
    [`""`, "must name a program"],
    [`python3 "mine.py`, `a quotation must end`],
    ["python3 'mine.py", "a quotation must end"],
  ])("of %j are none", (text, rule) => {
    expect(() => commandWords("--kernel", text)).toThrow(rule);
  });
});

test("the files of a command are those of its code, and not what runs them", () => {
  const own = import.meta.filename;
  expect(filesNamed({ words: ["/opt/python3.11", own] })).toEqual([own]);
  expect(filesNamed({ words: [process.execPath, own, "--fast", "no.such"] })).toEqual([own]);
  expect(filesNamed({ words: [own, "--fast"] })).toEqual([own]);
});

test("a list of kernels is cut at commas outside of quotes and braces", () => {
  expect(outsideQuotes(`wasm,exec:"python3 a,b.py",exec:{"id": "x", "command": "y,z"},js`)).toEqual([
    "wasm",
    `exec:"python3 a,b.py"`,
    `exec:{"id": "x", "command": "y,z"}`,
    "js",
  ]);
});

describe("the name of a program", () => {
  it.each([
    [{ command: "python3 mine.py" }, ["python3", "mine.py"]],
    [{ command: ["python3", "my file.py"] }, ["python3", "my file.py"]],
    [
      { id: "mine", command: "python3 'my file.py'", cwd: "there", env: { A: "b,c=d" } },
      ["python3", "my file.py"],
    ],
  ])("of %j stands for it", (program, words) => {
    const name = programName(program);
    expect(namesProgram(name)).toBe(true);
    expect(programOf(name)).toMatchObject({ ...program, words });
  });

  it("is that of a file in Python, too", () => {
    expect(namesProgram("kernels/mine.py")).toBe(true);
    expect(programOf("kernels/mine.py").words.at(-1)).toBe("kernels/mine.py");
    expect(namesProgram("kernels/mine.ts")).toBe(false);
  });

  it("may be quoted as a whole, as where a shell left the quotes", () => {
    expect(programOf(`exec:"python3 mine.py --fast"`).words).toEqual(["python3", "mine.py", "--fast"]);
  });

  it.each([
    [`exec:{"command": 3}`, "command"],
    [`exec:{"command": []}`, "command"],
    [`exec:{"command": "x", "id": "Not An Id"}`, "id"],
    [`exec:{"command": "x", "env": {"A=B": "c"}}`, "env"],
    [`exec:{"command": "x", "shell": true}`, "must not have shell"],
    ["exec:{", "must be JSON"],
    ["exec:", "must name a program"],
  ])("%s is refused", (name, what) => {
    expect(() => programOf(name)).toThrow(what);
  });

  it("has the variables that it says, and finds what is brought for Python", () => {
    const { env } = commandOf(`exec:{"command": "x", "env": {"PYTHONPATH": "mine", "A": "b"}}`, "theirs");
    expect(env).toMatchObject({ A: "b" });
    expect(env?.PYTHONPATH?.split(/[:;]/)).toEqual(["theirs", "mine"]);
  });
});

describe("the option --kernel", () => {
  it("takes ids, programs as text and as objects, each once", () => {
    const program = { id: "mine", command: "python3 mine.py" };
    expect(kernelEntries(["wasm", "js,wasm", program])).toEqual(["wasm", "js", programName(program)]);
    expect(kernelEntries(undefined)).toBeUndefined();
  });

  it.each([[""], ["wasm,,js"], [[]]])("refuses %j", (option) => {
    expect(() => kernelEntries(option)).toThrow("--kernel: must name something");
  });
});
