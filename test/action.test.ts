import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import process from "node:process";
import { beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { obeyed, runSteps, type Step, writeProgram } from "./fake-runner.ts";
import { scratchFolder } from "./input/scratch-folder.ts";

const root = resolve(import.meta.dirname, "..");
const text = (path: string) => readFileSync(join(root, path), "utf8");

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly "timeout-minutes": number;
        readonly permissions: Readonly<Record<string, string>>;
        readonly steps: readonly Step[];
      }
    >
  >;
}

const action = parse(text("action.yml")) as Action;
const workflow = parse(text(".github/workflows/gate.yml")) as Workflow;
const jobSteps = workflow.jobs.gate.steps;
const everyStep = [...action.runs.steps, ...jobSteps];

const expression = (path: string) => `\${{ ${path} }}`;

const scratch = scratchFolder();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(scratch.path, "job-"));
});

/** A gate that says which one it is and how it was called, and ends as STUB says. */
const GATE = `
import { mkdirSync, writeFileSync } from "node:fs";
const words = process.argv.slice(2);
if (words[0] === "history") {
  const { status = 0, said = "h.jsonl: added 2 entries" } = JSON.parse(process.env.STUB).history ?? {};
  writeFileSync(process.env.WORDS + ".history", JSON.stringify(words));
  console.log(said);
  process.exit(status);
}
if (words.includes("--help")) process.exit(process.env.NO_GATE === import.meta.dirname.split("/").at(-2) ? 2 : 0);
const { code, table = "a table", message = "", markdown = true } = JSON.parse(process.env.STUB);
writeFileSync(process.env.WORDS, JSON.stringify({ words, folder: import.meta.dirname, token: process.env.GH_TOKEN ?? null }));
process.stderr.write("stage 1 of a stub\\n" + message);
const report = words[words.indexOf("--report") + 1];
if (code === 0 || code >= 3) {
  mkdirSync(report, { recursive: true });
  if (markdown) writeFileSync(report + "/comparison.md", "<!-- attnbench:gate -->\\n## the report of a stub\\n");
  process.stdout.write(table + "\\n::warning title=attnbench gate::annotated\\n");
}
process.exit(code);
`;

/** Lists the comments there are, and keeps the body that it is given. */
const GH = `#!/usr/bin/env bash
printf '%s\\n' "$*" >>"$FOLDER_OF_GH/calls"
case " $* " in
  *" --paginate "*) printf '%b' "$STUB_IDS" ;;
  *) for word; do case $word in body=@*) cat "\${word#body=@}" >"$FOLDER_OF_GH/body" ;; esac; done ;;
esac
exit "$STUB_GH"
`;

interface Stub {
  readonly code: number;
  readonly table?: string;
  readonly message?: string;
  readonly markdown?: boolean;
  /** How `history add` ends, and what it says. */
  readonly history?: { readonly status: number; readonly said: string };
}

interface Around {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly ids?: string;
  readonly gh?: number;
  readonly number?: string;
  readonly event?: string;
  readonly noGate?: string;
  /** Where an attnbench lies. */
  readonly places?: readonly string[];
}

/** Runs the action over a stub of the gate, as in a pull request. */
function runAction(stub: Stub, around: Around = {}) {
  const { inputs = {}, ids = "", gh = 0, number = "7", event = "pull_request", noGate = "" } = around;
  for (const place of around.places ?? ["base", "head"]) {
    mkdirSync(join(folder, place, "src"), { recursive: true });
    writeFileSync(join(folder, place, "src/launch.js"), GATE);
    writeFileSync(join(folder, place, "package.json"), '{"type":"module"}');
  }
  writeProgram(join(folder, "bin/gh"), GH);
  writeProgram(join(folder, "bin/npm"), `#!/usr/bin/env bash\nmkdir -p node_modules; echo "$*" >ran-npm\n`);
  mkdirSync(join(folder, "action"), { recursive: true });
  const given: Record<string, string> = { base: "base", head: "head", ...inputs };
  const all = Object.entries(action.inputs).map(([name, { default: usual }]) => [
    `inputs.${name}`,
    given[name] ?? usual ?? "",
  ]);
  const ended = runSteps(action.runs.steps, {
    folder,
    context: {
      ...Object.fromEntries(all),
      "github.token": "secret-token",
      "github.event.pull_request.number": number,
    },
    env: {
      PATH: [join(folder, "bin"), dirname(process.execPath), process.env.PATH].join(delimiter),
      GITHUB_ACTION_PATH: join(folder, "action"),
      GITHUB_EVENT_NAME: event,
      GITHUB_REPOSITORY: "owner/name",
      FOLDER_OF_GH: folder,
      STUB_IDS: ids,
      STUB_GH: `${gh}`,
      STUB: JSON.stringify(stub),
      NO_GATE: noGate,
      WORDS: join(folder, "words.json"),
    },
  });
  const called = existsSync(join(folder, "words.json"))
    ? (JSON.parse(readFileSync(join(folder, "words.json"), "utf8")) as {
        words: string[];
        folder: string;
        token: string | null;
      })
    : null;
  return { ...ended, called, calls: kept("calls"), body: kept("body") };
}

/** What the stub of `gh` kept; null where it was not called so. */
function kept(name: string): string | null {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

describe("the action's outcome", () => {
  test.each([
    { code: 0, outcome: "fine", status: 0 },
    { code: 3, outcome: "inconclusive", status: 0 },
    { code: 4, outcome: "regressed", status: 4 },
  ])("of exit code $code is $outcome, told in summary, comment and log", ({ code, outcome, status }) => {
    const ended = runAction({ code });
    expect(ended).toMatchObject({ status, outputs: { outcome } });
    expect(ended.summary).toBe("<!-- attnbench:gate -->\n## the report of a stub\n");
    expect(ended.body).toBe(ended.summary);
    expect(ended.log).toContain("a table\n");
    expect(obeyed(ended.log)).toEqual(["::warning title=attnbench gate::annotated"]);
    expect(readdirSync(ended.outputs.folder).sort()).toEqual(["gate.txt", "log.txt", "report", "text.md"]);
  });

  test.each([
    { code: 1, message: "attnbench: head cannot be loaded, 100% of it\n" },
    { code: 2, message: "attnbench: --budget: must be enough for more\n" },
  ])("of exit code $code is failed, with the message", ({ code, message }) => {
    const ended = runAction({ code, message });
    expect(ended).toMatchObject({ status: code, outputs: { outcome: "failed" } });
    expect(ended.summary).toBe(
      `<!-- attnbench:gate -->\n## attnbench gate: failed\n\n    stage 1 of a stub\n    ${message}\n`,
    );
    expect(ended.body).toBe(ended.summary);
    const escaped = message.trim().replaceAll("%", "%25");
    expect(obeyed(ended.log)).toEqual([`::error title=attnbench gate%3A failed::${escaped}`]);
  });

  test.each([70, 137])("of a gate that dies with %d is failed, and never fine", (code) => {
    const died = runAction({ code, markdown: false });
    expect(died).toMatchObject({ status: code, outputs: { outcome: "failed" } });
    expect(obeyed(died.log)[0]).toContain(`ended with exit code ${code}`);
  });

  test("of exit code 3 fails the job where that is asked for", () => {
    const ended = runAction({ code: 3 }, { inputs: { "fail-on-inconclusive": "true" } });
    expect(ended).toMatchObject({ status: 3, outputs: { outcome: "inconclusive" } });
    expect(obeyed(ended.log).at(-1)).toMatch(/^::error .*inconclusive/);
    expect(ended.body).not.toBeNull();
  });

  test("has the table in its place where the arguments left Markdown out", () => {
    const { summary } = runAction({ code: 4, markdown: false });
    expect(summary).toContain("## attnbench gate: regressed\n\n    a table\n");
  });

  test("is one of its outputs, beside the folder of the report", () => {
    expect(action.outputs.outcome.value).toBe(expression("steps.gate.outputs.outcome"));
    expect(action.outputs.report.value).toBe(`${expression("steps.gate.outputs.folder")}/report`);
  });
});

describe("the action's comment", () => {
  test("is created where the pull request has none", () => {
    const { calls, body } = runAction({ code: 0 });
    expect(calls?.trim().split("\n")).toEqual([
      expect.stringContaining("--paginate repos/owner/name/issues/7/comments?per_page=100"),
      expect.stringMatching(
        /^api --silent --method POST repos\/owner\/name\/issues\/7\/comments --field body=@/,
      ),
    ]);
    expect(body).toContain("the report of a stub");
  });

  test("is brought up to date where there is one, and only the first", () => {
    const { calls, body } = runAction({ code: 4 }, { ids: "11\\n12\\n" });
    expect(calls).toContain("--method PATCH repos/owner/name/issues/comments/11 --field");
    expect(calls).not.toMatch(/POST|comments\/12/);
    expect(body).toContain("the report of a stub");
  });

  test.each([{ code: 0 }, { code: 4 }])(
    "changes nothing of exit code $code where it may not be written, as for a fork",
    ({ code }) => {
      const { status, log, outputs } = runAction({ code }, { gh: 1 });
      expect({ status, outcome: outputs.outcome }).toEqual({
        status: code,
        outcome: code === 0 ? "fine" : "regressed",
      });
      expect(obeyed(log).at(-1)).toMatch(/^::notice .*no comment could be written/);
    },
  );

  test("is not tried outside a pull request, nor where it is not wanted", () => {
    expect(runAction({ code: 0 }, { number: "" })).toMatchObject({ status: 0, calls: null });
    expect(runAction({ code: 0 }, { inputs: { comment: "false" } })).toMatchObject({
      status: 0,
      calls: null,
    });
  });

  test("is the only step that sees the token", () => {
    const seeing = action.runs.steps.filter((step) => JSON.stringify(step).includes("github.token"));
    expect(seeing.map(({ id }) => id)).toEqual(["comment"]);
    expect(runAction({ code: 0 }).called?.token).toBeNull();
  });

  const noJq = spawnSync("jq", ["--version"]).error !== undefined;
  test.skipIf(noJq)("is found by its marker among those of bots", () => {
    const comments = [
      { id: 1, user: { type: "User" }, body: "<!-- attnbench:gate --> a person's" },
      { id: 2, user: { type: "Bot" }, body: "quotes <!-- attnbench:gate -->" },
      { id: 3, user: { type: "Bot" }, body: "<!-- attnbench:gate -->\n## …" },
    ];
    const run = action.runs.steps.find(({ id }) => id === "comment")?.run ?? "";
    const filter = /^mine='(.*)'$/m.exec(run)?.[1] ?? "";
    expect(execFileSync("jq", [filter], { input: JSON.stringify(comments), encoding: "utf8" })).toBe("3\n");
  });
});

describe("the gate that the action runs", () => {
  const ranIn = (around: Around) => {
    const { called } = runAction({ code: 0 }, around);
    return called?.folder.slice(folder.length + 1);
  };

  test("is base's, so that no change judges itself", () => {
    expect(ranIn({})).toBe("base/src");
  });

  test("is head's where base has none yet", () => {
    expect(ranIn({ noGate: "base" })).toBe("head/src");
  });

  test("is the installed one for two versions of a plug-in", () => {
    const inputs = { base: "old.ts", head: "new.ts" };
    expect(ranIn({ inputs, places: ["node_modules/attnbench", "action"] })).toBe(
      "node_modules/attnbench/src",
    );
    expect(existsSync(join(folder, "action/ran-npm"))).toBe(false);
  });

  test("is the action's own where there is no other, and is installed for it", () => {
    const inputs = { base: "old.ts", head: "new.ts" };
    expect(ranIn({ inputs, places: ["action"] })).toBe("action/src");
    expect(readFileSync(join(folder, "action/ran-npm"), "utf8")).toBe("ci\n");
  });

  test("is the one that is asked for, or none", () => {
    expect(ranIn({ inputs: { gate: "other" }, places: ["base", "other"] })).toBe("other/src");
    const refused = runAction({ code: 0 }, { inputs: { gate: "no such folder" } });
    expect(refused).toMatchObject({ status: 1, outputs: { outcome: "failed" } });
    expect(obeyed(refused.log)[0]).toContain("attnbench: the input gate must name a folder");
  });

  test("is missed with a message, and never fine", () => {
    const ended = runAction({ code: 0 }, { places: [] });
    expect(ended).toMatchObject({ status: 1, called: null, outputs: { outcome: "failed" } });
    expect(obeyed(ended.log)[0]).toContain("no attnbench with a gate can be started");
  });

  test("refuses to run a stranger's code with secrets at hand", () => {
    const ended = runAction({ code: 0 }, { event: "pull_request_target" });
    expect(ended).toMatchObject({ status: 1, called: null });
    expect(obeyed(ended.log)[0]).toContain("use pull_request");
  });
});

describe("the history", () => {
  const inputs = { history: "kept/history.jsonl" };
  const remembered = () => {
    const words = kept("words.json.history");
    return words === null ? null : (JSON.parse(words) as string[]);
  };

  test("gets the gate's blocks, by the attnbench that measured them", () => {
    const { outputs, log, status } = runAction({ code: 0 }, { inputs });
    expect(status).toBe(0);
    expect(remembered()).toEqual([
      "history",
      "add",
      `${outputs.folder}/blocks.jsonl`,
      "--history=kept/history.jsonl",
      "--repository=head",
    ]);
    expect(log).toContain("h.jsonl: added 2 entries\n");
    expect(action.outputs.blocks.value).toBe(`${expression("steps.gate.outputs.folder")}/blocks.jsonl`);
  });

  test("gets those of a regression as well, and the job still fails", () => {
    expect(runAction({ code: 4 }, { inputs })).toMatchObject({
      status: 4,
      outputs: { outcome: "regressed" },
    });
    expect(remembered()).not.toBeNull();
  });

  test("is looked up beside a plug-in's module", () => {
    runAction({ code: 0 }, { inputs: { ...inputs, base: "base", head: "sub/mine.ts", gate: "base" } });
    expect(remembered()).toContain("--repository=sub");
  });

  test("that takes nothing warns, in one line, and changes no outcome", () => {
    const history = { status: 1, said: "attnbench: history: 50% of it\r, base: cannot be trusted" };
    const { log, status, outputs } = runAction({ code: 3, history }, { inputs });
    expect({ status, outcome: outputs.outcome }).toEqual({ status: 0, outcome: "inconclusive" });
    expect(obeyed(log)).toContain(
      "::warning title=attnbench history%3A nothing was added::attnbench: history: 50%25 of it%0D, base: cannot be trusted",
    );
  });

  test("is not touched unless it is asked for", () => {
    runAction({ code: 0 });
    expect(remembered()).toBeNull();
  });

  test("is not touched by a gate that could not start", () => {
    expect(runAction({ code: 0 }, { inputs, places: [] }).outputs.outcome).toBe("failed");
    expect(remembered()).toBeNull();
  });

  test("can print no command, and is no place for one", () => {
    const evil = `a"$(touch pwned)\n::error::x`;
    const history = { status: 1, said: "::error::forged\n::add-mask::x" };
    const { log } = runAction({ code: 0, history }, { inputs: { history: evil } });
    expect(remembered()).toContain(`--history=${evil}`);
    expect(readdirSync(folder)).not.toContain("pwned");
    expect(obeyed(log)).toEqual([
      "::warning title=attnbench history%3A nothing was added::attnbench: history add ended with exit code 1 and printed no message",
      "::warning title=attnbench gate::annotated",
    ]);
  });
});

describe("hostile text", () => {
  test("in inputs reaches the gate as it is, and nothing of it is executed", () => {
    const evil = `a"b'$(touch pwned)\`touch pwned\`;touch pwned\n${expression("github.token")} *`;
    const { called, status } = runAction(
      { code: 0 },
      {
        inputs: {
          base: evil,
          head: evil,
          gate: "base",
          budget: evil,
          arguments: "--variants  $(touch\tpwned);* \n --cells `x`",
        },
      },
    );
    expect(status).toBe(0);
    const { words } = called ?? { words: [] };
    expect(words).toEqual([
      "gate",
      `--base=${evil}`,
      `--head=${evil}`,
      "--annotate",
      "--out",
      expect.stringMatching(/\/blocks\.jsonl$/),
      "--report",
      expect.stringMatching(/\/report$/),
      `--budget=${evil}`,
      "--variants",
      "$(touch",
      "pwned);*",
      "--cells",
      "`x`",
    ]);
    expect(readdirSync(folder)).not.toContain("pwned");
  });

  test("that the code under test prints commands nothing", () => {
    const evil = [
      "::add-mask::a",
      "  ::error::b",
      "::stop-commands::x",
      "::x::",
      "::set-output name=c::d",
    ].join("\n");
    const { log, outputs, status } = runAction({
      code: 0,
      table: evil,
      message: `${evil}\nattnbench: ::e::\n`,
    });
    expect(status).toBe(0);
    expect(obeyed(log)).toEqual(["::warning title=attnbench gate::annotated"]);
    expect(Object.keys(outputs).sort()).toEqual(["code", "folder", "outcome"]);
  });

  test("in a message stays within its annotation and its block of code", () => {
    const message = "x\r<script>\nattnbench: 50%\r::error::c </summary>\n";
    const { log, summary } = runAction({ code: 1, message });
    expect(obeyed(log)).toEqual([
      "::error title=attnbench gate%3A failed::attnbench: 50%25%0D::error::c </summary>",
    ]);
    const [, , , ...lines] = summary.trimEnd().split("\n");
    expect(summary).not.toContain("\r");
    for (const line of lines) expect(line).toMatch(/^ {4}/);
  });

  test("can stand in no script, because no expression does", () => {
    for (const { run } of everyStep) expect(run ?? "").not.toContain("${{");
  });
});

describe("the workflow", () => {
  test("runs for pull requests, and never with a stranger's code beside secrets", () => {
    expect(Object.keys(workflow.on)).toEqual(["pull_request"]);
    expect(workflow.permissions).toEqual({});
    expect(workflow.jobs.gate.permissions).toEqual({ contents: "read", "pull-requests": "write" });
    expect(jobSteps[0].with?.["persist-credentials"]).toBe(false);
  });

  test("ends in time, and one run of a pull request takes the place of another", () => {
    expect(workflow.jobs.gate["timeout-minutes"]).toBeLessThanOrEqual(60);
    expect(workflow.concurrency["cancel-in-progress"]).toBe(true);
    expect(workflow.concurrency.group).toContain("github.event.pull_request.number");
  });

  test("installs both sides by their own lockfiles, and keeps nothing from run to run", () => {
    const installs = jobSteps.filter(({ run }) => run === "npm ci");
    expect(installs.map((step) => step["working-directory"])).toEqual(["base", "head"]);
    expect(JSON.stringify(workflow)).not.toMatch(/cache/i);
  });

  test("gives the action inputs that it has, and all that it must have", () => {
    const given = jobSteps.find(({ uses }) => uses === "./head")?.with ?? {};
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(given)));
    const needed = Object.entries(action.inputs).filter(([, { required }]) => required === true);
    expect(Object.keys(given)).toEqual(expect.arrayContaining(needed.map(([name]) => name)));
  });

  test("uses other actions at a fixed version", () => {
    const used = everyStep.flatMap(({ uses }) => uses ?? []).filter((name) => !name.startsWith("./"));
    expect(used.length).toBeGreaterThan(0);
    for (const name of used) expect(name).toMatch(/^actions\/[a-z-]+@(v\d+|[0-9a-f]{40})$/);
  });

  test("finds the commit that the pull request set out from, and not what was merged since", () => {
    const git = (where: string, ...words: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...words], {
        cwd: where,
        encoding: "utf8",
      }).trim();
    const head = join(folder, "head");
    mkdirSync(head);
    const commit = (message: string) => {
      git(head, "commit", "--quiet", "--allow-empty", "-m", message);
      return git(head, "rev-parse", "HEAD");
    };
    git(head, "init", "--quiet", "--initial-branch", "main");
    const start = commit("start");
    git(head, "checkout", "--quiet", "-b", "change");
    commit("change");
    git(head, "checkout", "--quiet", "main");
    const tip = commit("what others merged");
    git(head, "checkout", "--quiet", "--detach", "change");
    const step = jobSteps.filter(({ run }) => run?.includes("merge-base"));
    const { status } = runSteps(step, {
      folder,
      context: { "github.event.pull_request.base.sha": tip },
      env: {},
    });
    expect(status).toBe(0);
    expect(git(join(folder, "base"), "rev-parse", "HEAD")).toBe(start);
  });
});
