import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { planted } from "../history/changes/planted.ts";
import { commitHash, historyText, sampleEntry, samplePlace } from "../history/sample-entries.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();
const path = (name: string) => join(folder.path, name);

/** Of 60 commits, the last 20 slower in three of six cells, whose names a stranger may have chosen. */
const COMMITS = 60;
const HOSTILE = "</td><script>alert(1)</script>\"'`$1";

function write(name: string, cells: number, slower: number, processors = [`${HOSTILE} CPU`]): void {
  const { series, order } = planted({
    cells,
    commits: COMMITS,
    seed: 3,
    noise: [0.005, 0.01],
    steps: [{ at: 40, by: 0.08, cells: slower }],
  });
  const entries = order.flatMap((commit, index) =>
    processors.map((cpu) =>
      sampleEntry(index, {
        commit,
        place: samplePlace({ cpu }),
        cells: Object.fromEntries(
          series.map(({ points }, cell) => [
            `cell-${cell}${cell === 1 ? HOSTILE : ""}/wasm`,
            points[index].median_s,
          ]),
        ),
      }),
    ),
  );
  folder.write(name, historyText(entries));
}

beforeAll(() => {
  write("slow.jsonl", 6, 3);
  write("fine.jsonl", 6, 0);
  write("wanted.jsonl", 6, 3);
  write("places.jsonl", 1, 1, ["one", "other"]);
  folder.write("short.jsonl", historyText([0, 1, 2].map((index) => sampleEntry(index))));
  folder.write("empty.jsonl", historyText([]));
});

test.each([
  ["slow.jsonl", 4, /^REGRESSED: 3 cells became slower in the last 60 commits, and still are\n/],
  ["slow.jsonl --last 10", 0, /^FINE: none of 6 series became slower in the last 10 commits\n/],
  [
    "slow.jsonl --cells cell-5",
    0,
    /^FINE: one series was judged, and did not become slower in the last 60 commits\n/,
  ],
  ["slow.jsonl --cells cell-0", 4, /^REGRESSED: 1 cell became slower in the last 60 commits, and still is\n/],
  [
    "slow.jsonl --cells cell-5 --last 1",
    3,
    /^INCONCLUSIVE: no series has enough commits to be judged\n\n1 series could not be judged: that needs \d+ commits in all and 6 in the window; it has 60 and 1\n$/,
  ],
  [
    "places.jsonl",
    4,
    /^REGRESSED: 1 cell on 2 machines became slower in the last 60 commits, and still is\n/,
  ],
  ["slow.jsonl --threshold 30%", 0, /^FINE/],
  [`slow.jsonl --since ${commitHash(39).slice(0, 10)}`, 4, /in the last 20 commits/],
  [`slow.jsonl --since ${commitHash(59)}`, 3, /^INCONCLUSIVE: no commit to judge\n/],
  ["fine.jsonl", 0, /^FINE/],
  [
    "short.jsonl",
    3,
    /^INCONCLUSIVE[\s\S]*2 series could not be judged: that needs \d+ commits in all and 6 in the window; they have at most 3 and 3\n/,
  ],
  ["empty.jsonl", 3, /^INCONCLUSIVE: no commit to judge\n/],
])("history check --history %s exits with %i", async (words, code, told) => {
  const outcome = await commandLine(`history check --history ${path(words)}`);
  expect([outcome.code, outcome.stdout]).toEqual([code, expect.stringMatching(told)]);
});

test("of one commit the check speaks in the singular", async () => {
  const file = folder.write("one.jsonl", historyText([sampleEntry(0, { cells: { only: 1e-3 } })]));
  const { code, stdout, stderr } = await commandLine(`history check --history ${file} --repository .`);
  expect(code).toBe(3);
  expect(stdout).toMatch(
    /^INCONCLUSIVE: no series has enough commits to be judged\n\n1 series could not be judged: .*; it has 1 and 1\n$/,
  );
  expect(stderr).toContain(
    `git does not know 1 commit, which stands by its date: ${commitHash(0).slice(0, 12)}\n`,
  );
});

test("what became slower is told with its commit, the range, and how to go on", async () => {
  const { stdout } = await commandLine(`history check --history ${path("slow.jsonl")}`);
  const [good, first] = [commitHash(39).slice(0, 12), commitHash(40).slice(0, 12)];
  expect(stdout).toContain(`${first} of 2026-02-10 (after ${good})\n`);
  expect(stdout).toMatch(/ {2}\+[78]\.\d % \(\+7\.\d … \+[89]\.\d %\) {2}cell-0\/wasm on [0-9a-f]{12}\n/);
  expect(stdout).toContain(`attnbench bisect --good ${good} --bad ${first}\n`);
  expect(stdout).toContain(`attnbench history accept ${first} --why TEXT\n`);
  const { stdout: json } = await commandLine(`history check --json --history ${path("slow.jsonl")}`);
  const told = JSON.parse(json);
  expect(told).toMatchObject({ outcome: "regressed", judged: 6, window: { commits: 60 } });
  expect(told.slow_downs).toHaveLength(3);
  expect(told.slow_downs[0]).toMatchObject({
    first: commitHash(40),
    good: commitHash(39),
    bad: commitHash(40),
    accepted: null,
  });
});

test("a machine whose cells all moved alike is suspected, and the command to go on is of its cells", async () => {
  const { series, order } = planted({
    ...{ cells: 5, commits: COMMITS, seed: 3, noise: [0.005, 0.01] },
    steps: [{ at: 40, by: 0.08, cells: 5 }],
  });
  const entries = order.map((commit, index) =>
    sampleEntry(index, {
      commit,
      cells: Object.fromEntries(series.map(({ cell, points }) => [cell, points[index].median_s])),
    }),
  );
  const file = folder.write("alike.jsonl", historyText(entries));
  const { code, stdout } = await commandLine(`history check --history ${file}`);
  expect(code).toBe(4);
  const first = commitHash(40).slice(0, 12);
  expect(stdout).toMatch(
    new RegExp(
      `^REGRESSED.*\nnearly all cells of machine [0-9a-f]{12} moved alike, 5 of 5 slower at about ${first}: suspect the machine, not the code\n`,
    ),
  );
  expect(stdout).toMatch(
    /attnbench bisect --good .* --variants variant-\d,.* --lengths 1024 --kernel wasm --cells variant/,
  );
  const { stdout: json } = await commandLine(`history check --json --history ${file}`);
  expect(JSON.parse(json).moved_together).toMatchObject([{ direction: "slower", cells: 5, judged: 5 }]);
});

test("what is accepted no longer fails, is noted once, and says why", async () => {
  const history = `--history ${path("wanted.jsonl")}`;
  const accept = [
    "history",
    "accept",
    commitHash(40),
    "--history",
    path("wanted.jsonl"),
    "--why",
    "bounds; see #8",
  ];
  const noted = await commandLine(accept);
  expect(noted).toMatchObject({ code: 0, stderr: "" });
  expect(noted.stdout).toMatch(
    /noted that what came with [0-9a-f]{12} is wanted\n( {2}\+.*slower: cell-.*\n){3}$/,
  );
  const { code, stdout } = await commandLine(`history check ${history}`);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /\naccepted:\n {2}[0-9a-f]{12} of 2026-02-10: 3 cells slower, the most by .*: bounds; see #8\n/,
  );
  const again = await commandLine(accept);
  expect(again.stdout).toMatch(
    /: what came with [0-9a-f]{12} was accepted already on .*: bounds; see #8; nothing was added\n/,
  );
  const lines = readFileSync(path("wanted.jsonl"), "utf8").split("\n");
  expect(lines.filter((line) => line.includes('"accepted"'))).toHaveLength(1);
  const corrected = await commandLine([...accept.slice(0, -1), "bounds; see #9"]);
  expect(corrected.stderr).toMatch(
    /accepted already on .*: bounds; see #8; the new reason is told from now on/,
  );
  const { stdout: later } = await commandLine(`history check ${history}`);
  expect(later).toBe(stdout.replace("see #8", "see #9"));
  // Another form of the history says the same.
  await commandLine(`history export ${history} --sqlite ${path("wanted.sqlite")}`);
  expect((await commandLine(`history check --history ${path("wanted.sqlite")}`)).stdout).toBe(later);
});

test.each([
  ["history check --since v1 --last 3", "--since: says from where on, and so does --last; omit one"],
  ["history check --last 0", "--last: must be an integer from 1"],
  ["history check --threshold 2", "--threshold: must be a share above 0 and below 100%"],
  [
    "history check --cells nothing",
    "--cells: must match a cell of the history, got 'nothing'; a cell is named like 'cell-0/wasm'",
  ],
  [
    "history check --since 0123456789",
    "--since: must name a commit of the history or of the repository, got '0123456789'",
  ],
  ["history accept", "history accept: a commit must be named"],
  [`history accept ${commitHash(40)}`, "history accept: --why must be given: say on one line why"],
  ["history accept nope", "accept: must name a commit of the history or of the repository, got 'nope'"],
  [`history accept ${commitHash(999)} --why x`, "accept: must name a commit of the history"],
  [
    "history page --commit-url javascript:alert({commit})",
    "--commit-url: must be an address with {commit} in its path",
  ],
  ["history page --commit-url https://example.org/", "--commit-url: must be an address with {commit}"],
  [
    "history page --commit-url https://{commit}.example.org/",
    "--commit-url: must be an address with {commit}",
  ],
  [
    "history page --out p.html",
    "--out: must name a folder, got p.html; omit .html, and the page is index.html in it",
  ],
])("%s is refused in one line", async (words, message) => {
  const { code, stdout, stderr } = await commandLine(`${words} --history ${path("slow.jsonl")}`);
  expect([code === 0, stdout, stderr.trim().split("\n").length]).toEqual([false, "", 1]);
  expect(stderr).toContain(message);
});

test("the page shows every cell, runs nothing, asks for nothing, and lets no name be markup", async () => {
  const out = path("page");
  const address = "https://example.org/p/commit/{commit}?a=1&b";
  const { code, stdout } = await commandLine([
    ...["history", "page", "--history", path("slow.jsonl"), "--out", out, "--commit-url", address],
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain(`wrote ${join(out, "index.html")} and ${join(out, "summary.md")}\n`);
  const page = readFileSync(join(out, "index.html"), "utf8");
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
  expect(policy).toContain("default-src 'none'; script-src 'none'; style-src 'sha256-");
  expect(page).not.toMatch(/<script|<img|<link|<iframe|@import|url\(|\son\w+=/i);
  expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(page.match(/<svg class="spark" viewBox="0 0 240/g)).toHaveLength(6);
  expect(page.match(/class="mark slow" d="[^"]*V/g)).toHaveLength(3);
  const links = new Set(page.match(/href="https[^"]*"/g));
  expect(
    [...links].every((link) =>
      /^href="https:\/\/example\.org\/p\/commit\/[0-9a-f]{40}\?a=1&amp;b"$/.test(link),
    ),
  ).toBe(true);
  expect(links.size).toBeGreaterThanOrEqual(2);
  const summary = readFileSync(join(out, "summary.md"), "utf8");
  expect(summary).toContain(`| ${commitHash(40).slice(0, 12)} | 2026-02-10 | 3 cells slower |`);
  expect(summary).not.toContain("<script");
});

test("a page of an empty history says so, and nothing is written where it cannot be", async () => {
  const out = path("empty-page");
  const { code, stdout } = await commandLine(
    `history page --history ${path("empty.jsonl")} --out ${out} --json`,
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ machines: [], changes: [] });
  expect(readFileSync(join(out, "index.html"), "utf8")).toContain("The history holds no series.");
  const refused = await commandLine(
    `history page --history ${path("slow.jsonl")} --out ${path("slow.jsonl")}`,
  );
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("a file is in its place");
  expect(existsSync(path("slow.jsonl"))).toBe(true);
});
