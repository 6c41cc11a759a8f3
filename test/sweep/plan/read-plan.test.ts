import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/core/errors.ts";
import { RUN_OPTION_FORMS } from "../../../src/library/sweep/option-forms.ts";
import { ENGINE_SETTINGS } from "../../../src/sweep/engines/engines.ts";
import { readPlan } from "../../../src/sweep/plan/read-plan.ts";

const read = (text: string) =>
  readPlan("p.yaml", text, { options: RUN_OPTION_FORMS, engines: ENGINE_SETTINGS });
const plan = (rest: string) => `name: zoo\n${rest}`;
const GRID = "grid:\n  lengths: 8\n";

/** A plan, what is said of it, and nothing else is said. */
const refused: readonly (readonly [title: string, text: string, says: RegExp])[] = [
  ["nothing", "", /^p\.yaml: is empty; a plan has a name and a grid at least/],
  ["nothing but a comment", "# later\n", /^p\.yaml: is empty; a plan has/],
  ["a list", "[1]", /^p\.yaml line 1: a plan: must be an object, got \[1\]$/],
  ["a results file", '{"type":"run","schema":1}', /^p\.yaml line 1: .*name: must be a text, got nothing$/],
  ["no grid", "name: zoo", /^p\.yaml line 1: grid: must be an object, got nothing$/],
  [
    "a key twice",
    plan("repeats: 1\nrepeats: 2\n"),
    /^p\.yaml line 3: must be YAML, got a key twice, repeats; remove one/,
  ],
  [
    "one name as two kinds of keys",
    plan('grid: { set: { 3: 1, "3": 2 } }'),
    /^p\.yaml line 2: .*a key twice, "3"; remove/,
  ],
  [
    "an alias",
    plan("grid: &g { lengths: 8 }\nsettings: *g\n"),
    /^p\.yaml line 3: must have no alias, got \*g; write/,
  ],
  [
    "aliases of aliases",
    plan(
      `a: &a [x,x]\n${"bcdefghij".replace(/./g, (one, at) => `${one}: &${one} [*${"abcdefghi"[at]},*${"abcdefghi"[at]}]\n`)}`,
    ),
    /^p\.yaml line 3: must have no alias/,
  ],
  ["an alias of itself", "&a [*a]", /^p\.yaml line 1: must have no alias/],
  ["a tag", plan("grid: !!js/function 'x'\n"), /^p\.yaml line 2: must be YAML, got Unresolved tag/],
  ["two documents", plan(`${GRID}---\nname: other\n`), /^p\.yaml line 4: .*a second document; remove it/],
  ["a tab", "\tname: zoo", /^p\.yaml line 1: must be YAML, got Tabs are not allowed/],
  ["half a list", plan("grid: { lengths: [8"), /^p\.yaml line 2: must be YAML, got Flow /],
  ["lists without an end", "[".repeat(20_000), /^p\.yaml line 1: must be YAML, got lists in one another/],
  [
    "deep lists",
    `a: ${"[".repeat(60)}${"]".repeat(60)}`,
    /^p\.yaml line 1: must have at most 20 levels, got more$/,
  ],
  [
    "a book",
    "#".repeat(2_000_000),
    /^p\.yaml: must have at most 1000000 characters, got 2000000; is it a plan\?$/,
  ],
  [
    "an unknown key",
    plan(`${GRID}repeat: 2\n`),
    /^p\.yaml line 4: unknown key of plan 'repeat'; expected one of name, .*repeats/,
  ],
  [
    "an unknown key of shard",
    plan(`shard: { times: 1 }\n${GRID}`),
    /line 2: unknown key of shard 'times'; expected one of time, cases$/,
  ],
  ["a key that every object has", plan(`${GRID}__proto__: 1\n`), /line 4: unknown key of plan '__proto__'/],
  [
    "a name with a path",
    `name: ../zoo\n${GRID}`,
    /line 1: name: must be at most 40 small letters, digits and dashes, the first of them no dash, got "\.\.\/zoo"$/,
  ],
  ["a name that a shell runs", `name: "$(touch x)"\n${GRID}`, /line 1: name: must be at most 40 small/],
  [
    "a name that is an option",
    `name: "-rf"\n${GRID}`,
    /digits and dashes, the first of them no dash, got "-rf"$/,
  ],
  ["a number for a name", `name: 7\n${GRID}`, /line 1: name: must be a text, got 7$/],
  [
    "a class with a path",
    plan(`${GRID}machines:\n  ../x:\n`),
    /line 5: machines\.\.\.\/x: must be at most 40 small letters/,
  ],
  [
    "a class that a shell runs",
    plan(`${GRID}machines: { "a;b": { local: {} } }\n`),
    /line 4: machines\.a;b: must be at most 40 .*, got "a;b"$/,
  ],
  [
    "an unknown engine",
    plan(`engine: pbs\n${GRID}`),
    /line 2: unknown engine 'pbs'; expected one of local, slurm, kubernetes$/,
  ],
  [
    "an unknown engine of a class",
    plan(`${GRID}machines:\n  a: { pbs: {} }\n`),
    /line 5: machines\.a: unknown engine 'pbs'/,
  ],
  [
    "no processors",
    plan(`${GRID}machines:\n  a:\n    local: { processors: x }\n`),
    /line 6: machines\.a\.local\.processors: must be processors such as/,
  ],
  [
    "an unknown setting of an engine",
    plan(`${GRID}machines:\n  a:\n    local: { cores: 1 }\n`),
    /line 6: unknown key of machines\.a\.local 'cores'; expected one of processors$/,
  ],
  [
    "an unknown option",
    plan("grid:\n  lengths: 8\n  head_dim: 8\n"),
    /line 4: unknown option of run 'head_dim'; expected one of .*head-dim/,
  ],
  [
    "an option of run that makes no plan",
    plan(`${GRID}settings: { out: x }\n`),
    /line 4: unknown option of run 'out'/,
  ],
  [
    "a list without brackets within braces",
    plan("grid: { lengths: 8,16 }\n"),
    /line 2: unknown option of run '16'; within braces a comma ends a value: write a list in brackets/,
  ],
  [
    "no value",
    plan(`${GRID}settings: { seed: }\n`),
    /line 4: settings\.seed: must be a text or a number, got null$/,
  ],
  [
    "an axis without values",
    plan("grid:\n  heads: []\n"),
    /line 3: grid\.heads: must have a value, got an empty list/,
  ],
  [
    "a value twice",
    plan("grid:\n  heads: [4, '4']\n"),
    /line 3: grid\.heads: must have a value once, got "4" twice$/,
  ],
  [
    "a mapping for a value",
    plan("grid:\n  heads: { a: 1 }\n"),
    /line 3: grid\.heads: must be a text or a number, got {"a":1}$/,
  ],
  ["not a number", plan("grid:\n  heads: .nan\n"), /line 3: must have finite numbers, got \.nan$/],
  [
    "a number beyond all",
    plan("grid:\n  heads: [1, 1e400]\n"),
    /line 3: must have finite numbers, got 1e400$/,
  ],
  ["endless time", plan(`shard: { time: -.inf }\n${GRID}`), /line 2: must have finite numbers, got -\.inf$/],
  [
    "a list for a time",
    plan(`shard: { time: [1] }\n${GRID}`),
    /line 2: shard\.time: must be a time such as 90s or 2h, got \[1\]$/,
  ],
  [
    "a mapping for a time of Slurm's",
    plan(`${GRID}machines:\n  a: { slurm: { time: {} } }\n`),
    /line 5: machines\.a\.slurm\.time: must be a time from 300s to 7 days, such as 90s or 2h, got {}$/,
  ],
  [
    "a word for a switch",
    plan("grid:\n  causal: yes\n"),
    /line 3: grid\.causal: must be true or false, got "yes"$/,
  ],
  [
    "a switch for a word",
    plan("grid:\n  heads: true\n"),
    /line 3: grid\.heads: must be a text or a number, got true$/,
  ],
  [
    "an axis among settings",
    plan(`${GRID}settings:\n  heads: [1, 2]\n`),
    /line 5: settings\.heads: must be one value, got a list of 2; a list is an axis/,
  ],
  [
    "an option in both",
    plan(`grid: { heads: 1 }\nsettings:\n  heads: 2\n`),
    /line 4: settings\.heads: is in the grid as well/,
  ],
  [
    "lengths among settings",
    plan(`grid: {}\nsettings: { lengths: 8 }\n`),
    /line 3: settings\.lengths: write it under grid$/,
  ],
  ["no repeats", plan(`${GRID}repeats: 0\n`), /line 4: repeats: must be at least 1, got 0$/],
  [
    "a fraction of repeats",
    plan(`${GRID}repeats: 1.5\n`),
    /line 4: repeats: must be a whole number, got 1\.5$/,
  ],
  ["no time", plan(`shard: { time: soon }\n${GRID}`), /line 2: shard\.time: must be a time of more than 0/],
  [
    "a shard of one case",
    plan(`shard: { cases: 1 }\n${GRID}`),
    /line 2: shard\.cases: must be at least 2, got 1$/,
  ],
  [
    "what the grid does not go through",
    plan(`${GRID}exclude:\n  - { heads: 2 }\n`),
    /line 5: exclude: must name what the grid goes through, got heads; that has nothing$/,
  ],
  [
    "a value that the grid does not have",
    plan("grid:\n  heads: [1, 2]\nexclude:\n  - heads: 3\n"),
    /line 5: exclude\.heads: must be one of the grid's, got 3$/,
  ],
];

test.each(refused)("a plan with %s is refused with its line", (_, text, says) => {
  const thrown = (() => {
    try {
      return read(text);
    } catch (error) {
      return error;
    }
  })();
  expect(thrown).toBeInstanceOf(UsageError);
  expect((thrown as UsageError).message).toMatch(/^\P{Cc}{10,500}$/u);
  expect((thrown as UsageError).message).toMatch(says);
});

describe("a plan", () => {
  test("says what its usual values are by leaving them out", () => {
    expect(read(plan("grid: {}")).plan).toEqual({
      name: "zoo",
      engine: "local",
      baseline: "full",
      repeats: 1,
      shard: { seconds: 900, cases: 60 },
      variants: undefined,
      lengths: undefined,
      axes: [],
      exclude: [],
      settings: {},
      machines: [{ name: "here", settings: {} }],
    });
  });

  test("of variants and lengths has lists for one run, and of all else axes", () => {
    const { plan: made } = read(
      plan(
        "grid: { variants: [full, local], lengths: [8, 4k], heads: [1, '2'], causal: true, kernel: [js, [js, wasm]] }",
      ),
    );
    expect(made).toMatchObject({
      variants: "full,local",
      lengths: "8,4k",
      axes: [
        { option: "causal", values: [true] },
        { option: "heads", values: ["1", "2"] },
        { option: "kernel", values: ["js", "js,wasm"] },
      ],
    });
  });

  test("of options that may be repeated has lists within the list, of which an empty one is the option left out", () => {
    const { plan: made } = read(plan("grid: { set: [[], a.b=1, [a.b=2, c.d=3], ~] }").replace(", ~", ""));
    expect(made.axes).toEqual([{ option: "set", values: [null, ["a.b=1"], ["a.b=2", "c.d=3"]] }]);
  });

  test("is the same in JSON, and in whatever order its keys are", () => {
    const yaml = read("name: zoo\nrepeats: 2\ngrid:\n  heads: [1, 2]\n  causal: [true, false]\n").plan;
    expect(read('{"grid":{"causal":[true,false],"heads":[1,2]},"repeats":2,"name":"zoo"}').plan).toEqual(
      yaml,
    );
  });

  test("has classes of machines with what an engine is to be told, as it was given", () => {
    const { plan: made } = read(
      plan(`${GRID}machines:\n  xeon:\n  epyc: { local: { processors: "0-1" } }\n`),
    );
    expect(made.machines).toEqual([
      { name: "epyc", settings: { local: { processors: "0-1" } } },
      { name: "xeon", settings: {} },
    ]);
  });
});
