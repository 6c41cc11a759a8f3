import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { placesIn } from "../../src/sweep/folder.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { putDone, sampleSweep, shardText } from "../library/sweep/sample-sweep.ts";
import { shardName } from "../record/collection/sample-shards.ts";
import { commandLine } from "./command-line.ts";
import { fakeIo } from "./fake-io.ts";

const scratch = scratchFolder();

test("a collection that the disk has no room for is told in a line, and leaves what was there", () => {
  const { folder } = sampleSweep(scratch.path, 8);
  for (let index = 0; index < 8; index++) putDone(folder, index);
  const place = join(scratch.path, "full");
  mkdirSync(place);
  writeFileSync(join(place, "all.jsonl"), shardText(0));
  // Writing past the limit fails as it does on a full disk.
  const limited = ["-c", `ulimit -f 4; trap '' XFSZ; exec "$@"`, "bash", process.execPath];
  const words = [
    join(import.meta.dirname, "../../src/cli.ts"),
    "sweep",
    "collect",
    folder,
    "--out",
    "all.jsonl",
  ];
  const { status, stderr } = spawnSync("bash", [...limited, ...words], { cwd: place, encoding: "utf8" });
  expect(status).toBe(1);
  const errors = stderr.split("\n").filter((line) => line.startsWith("attnbench: "));
  expect(errors).toEqual([
    expect.stringMatching(/all\.jsonl: cannot be written, .*; make room or name another, and try again$/),
  ]);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(readdirSync(place)).toEqual(["all.jsonl"]);
  expect(readFileSync(join(place, "all.jsonl"), "utf8")).toBe(shardText(0));
});

test("files that are broken are named one by one, and end the command with exit code 1", async () => {
  const { folder } = sampleSweep(scratch.path, 3);
  const broken = [0, 2].map((index) => putDone(folder, index, shardText(index).slice(0, -3)));
  putDone(folder, 1);
  const out = join(scratch.path, "some.jsonl");
  const { code, stderr } = await commandLine(["sweep", "collect", folder, "--out", out]);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    new RegExp(
      `^to have what was left out .*remove its file .*, then attnbench sweep resume ${folder}$`,
      "m",
    ),
  );
  for (const path of broken) expect(stderr).toContain(`${path}: ends within a line`);
  expect(readFileSync(out, "utf8")).toBe(shardText(1));
});

test("shards that are done with fewer rounds than planned are counted in a note, and collected", async () => {
  const { folder } = sampleSweep(scratch.path, 4);
  const withoutLast = (index: number, lines: number) =>
    `${shardText(index).trimEnd().split("\n").slice(0, -lines).join("\n")}\n`;
  putDone(folder, 0);
  putDone(folder, 1, withoutLast(1, 1));
  putDone(folder, 2, withoutLast(2, 2));
  // What is not done has fewer in any case.
  writeFileSync(placesIn(folder).part(shardName(3)), withoutLast(3, 1));
  const out = join(scratch.path, "short.jsonl");
  const words = ["sweep", "collect", folder, "--out", out, "--partial"];
  const { code, stderr } = await commandLine(words);
  expect(code).toBe(0);
  expect(stderr.match(/.*fewer rounds.*/g)).toEqual([
    "2 measured cases in 2 shards have fewer rounds than planned: budget or deadline may be the reason, or lines that were lost",
  ]);
  const { stdout } = await commandLine([...words, "--json"]);
  expect(JSON.parse(stdout).short).toEqual({ shards: 2, cases: 2 });
  for (const index of [1, 2]) putDone(folder, index);
  expect((await commandLine(words)).stderr).not.toMatch(/fewer rounds/);
});

describe("a shard whose results are damaged", () => {
  test.each<[string, string | Uint8Array | null, RegExp]>([
    ["cut off within a line", shardText(1).slice(0, -5), /: ends within a line; /],
    ["empty", "", /: is empty; /],
    ["random", Uint8Array.of(7, 255, 0, 10), /: must begin with the run of its shard, got something else; /],
    ["another shard's", shardText(0), /: must begin with the run of its shard, got that of [0-9a-f]{16}; /],
    [
      "followed by something",
      `${shardText(1)}{}\n`,
      /: must end with a line of results, got something else; /,
    ],
    ["the first line alone", `${shardText(1).split("\n")[0]}\n`, /: must end with a line of results, got/],
    ["a folder", null, /: must be a regular file, got a link, a folder or a device; /],
  ])("is set aside by sweep resume and waits again, when they are %s", async (_, content, says) => {
    const { folder } = sampleSweep(scratch.path, 2);
    const whole = putDone(folder, 0);
    const places = placesIn(folder);
    const path = places.done(shardName(1));
    if (content === null) mkdirSync(path);
    else writeFileSync(path, content);
    const before = JSON.parse((await commandLine(["sweep", "status", folder, "--json"])).stdout);
    expect(before).toMatchObject({
      done: 1,
      failed: 1,
      names: { done: [shardName(0)], failed: [shardName(1)] },
    });
    expect(before.failures[0].reason).toMatch(says);
    expect(before.failures[0].reason).toMatch(/sweep resume sets it aside, and has it measured anew$/);
    // What was set aside before stays.
    writeFileSync(places.other(shardName(1), 1), "earlier");
    const stopped = new AbortController();
    stopped.abort();
    for (const machine of ["xeon", "epyc"]) {
      const { stderr } = await commandLine(["sweep", "resume", folder, "--machine", machine], {
        ...fakeIo(),
        signal: stopped.signal,
      });
      const warnings = stderr.split("\n").filter((line) => line.startsWith("warning: "));
      expect(warnings).toEqual(machine === "xeon" ? [expect.stringMatching(says)] : []);
      if (machine === "xeon") expect(warnings[0]).toMatch(/\.other-2\.jsonl, and measured anew$/);
    }
    expect(existsSync(path)).toBe(false);
    if (content !== null) expect(readFileSync(places.other(shardName(1), 2))).toEqual(Buffer.from(content));
    expect(readFileSync(whole, "utf8")).toBe(shardText(0));
    expect(readdirSync(places.shards).filter((name) => name.endsWith(".lock"))).toEqual([]);
    const { stdout } = await commandLine(["sweep", "status", folder, "--json"]);
    expect(JSON.parse(stdout).names).toMatchObject({ done: [shardName(0)], waiting: [shardName(1)] });
  });
});
