import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FailureError, UsageError } from "../../../../src/core/errors.ts";
import { kubernetesEngine as engine } from "../../../../src/sweep/engines/kubernetes/kubernetes.ts";
import { given, shardNamed } from "./given.ts";
import { standInKubectl } from "./stand-in-kubectl.ts";

let folder: string;
let kubectl: ReturnType<typeof standInKubectl>;

beforeEach(() => {
  // A folder whose name kubectl, or a shell, would read as something else.
  folder = join(mkdtempSync(join(tmpdir(), "kubernetes-")), "a,b*$(id) zoo");
  mkdirSync(folder);
  kubectl = standInKubectl(folder);
  vi.stubEnv("PATH", `${kubectl.bin}${delimiter}${process.env.PATH ?? ""}`);
  vi.stubEnv("CLUSTER", kubectl.cluster);
  kubectl.context("lab of ours");
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(join(folder, ".."), { recursive: true, force: true });
});

/** Writes its files, as the sweep does, and hands a submission over. */
function submitted(settings: Record<string, unknown> = {}, shards = 3) {
  const submission = given(settings, {
    folder,
    shards: Array.from({ length: shards }, (_, index) => shardNamed(String(index).padStart(16, "0"))),
  });
  for (const [path, text] of engine.files(submission)) {
    mkdirSync(join(folder, "kubernetes"), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return engine.submit(submission);
}

const jobOf = (id: string) => id.split(" ")[0];

describe("a submission", () => {
  test("is known by its job, the namespace that it is in, and the context that kubectl had", async () => {
    const id = await submitted();
    expect(id).toMatch(/^zoo-epyc-[0-9a-f]{8} current lab of ours$/);
    expect(kubectl.jobs()).toEqual([jobOf(id)]);
    expect(await submitted({ context: "other", namespace: "lab" })).toMatch(/ lab other$/);
    expect(kubectl.asked().at(-1)).toEqual(expect.arrayContaining(["--context=other", "--namespace=lab"]));
  });

  test("within a cluster needs no context", async () => {
    kubectl.context(null);
    const id = await submitted();
    expect(id).toMatch(/^zoo-epyc-[0-9a-f]{8} current$/);
    expect(await engine.look(id)).toEqual({ waiting: [0, 1, 2], running: [] });
  });

  test("that is handed over twice is one job, and begins again once that has ended", async () => {
    const id = await submitted();
    expect(await submitted()).toBe(id);
    const job = jobOf(id);
    const deletions = () => kubectl.asked().filter(([verb]) => verb === "delete").length;
    expect(deletions()).toBe(0);
    kubectl.change(job, {
      ...kubectl.job(job),
      status: { conditions: [{ type: "Failed", status: "True" }] },
    });
    expect(await engine.look(id)).toEqual({ waiting: [], running: [] });
    expect(await submitted()).toBe(id);
    expect(deletions()).toBe(1);
    expect(await engine.look(id)).toEqual({ waiting: [0, 1, 2], running: [] });
  });

  test("is made by the manifest as it is in the folder, which a person may have changed", async () => {
    const submission = given({}, { folder });
    const [[path, text]] = [...engine.files(submission)];
    mkdirSync(join(folder, "kubernetes"));
    writeFileSync(
      join(folder, path),
      text.replace(/name: zoo-epyc-\w+/, "name: mine").replace("completions: 2", "completions: 1"),
    );
    expect(await engine.submit(submission)).toMatch(/^mine /);
    expect(kubectl.job("mine").spec.completions).toBe(1);
  });

  test("of a manifest that has no job, or whose job is called like an option, is refused", async () => {
    const submission = given({}, { folder });
    await expect(engine.submit(submission)).rejects.toThrow(/epyc\.yaml: cannot be read, ENOENT/);
    mkdirSync(join(folder, "kubernetes"));
    for (const text of [
      "",
      "kind: Job",
      "kind: Job\nmetadata: { name: --all }",
      "kind: Pod\nmetadata: { name: a }",
    ]) {
      writeFileSync(join(folder, "kubernetes/epyc.yaml"), text);
      await expect(engine.submit(submission)).rejects.toThrow(/epyc\.yaml: must have a Job with a name/);
    }
    expect(kubectl.asked()).toEqual([]);
  });
});

describe("a look at a job", () => {
  test("tells which shards run and which wait, by their positions, and omits those that have ended", async () => {
    const id = await submitted({}, 9);
    const job = jobOf(id);
    kubectl.change(job, { ...kubectl.job(job), status: { completedIndexes: "0,2-4", failedIndexes: "8" } });
    kubectl.running([6, 4]);
    expect(await engine.look(id)).toEqual({ waiting: [1, 5, 7], running: [6] });
    expect(kubectl.asked().at(-1)).toEqual(
      expect.arrayContaining([
        `--selector=batch.kubernetes.io/job-name=${job}`,
        "--field-selector=status.phase=Running",
      ]),
    );
  });

  test("of a job that Kubernetes has removed finds nothing that is expected", async () => {
    expect(await engine.look("zoo-epyc-00000000 lab lab of ours")).toEqual({ waiting: [], running: [] });
  });

  test("never asks for anything but a job, whatever the record of jobs was changed to", async () => {
    for (const id of ["", "zoo", "--all lab", "zoo --all-namespaces", "a/b lab", "zoo lab\n--all"]) {
      await expect(engine.look(id)).rejects.toThrow(/jobs: must be named by job and namespace/);
    }
    expect(kubectl.asked()).toEqual([]);
  });
});

test("a job that is cancelled is deleted where it was handed over, after its pods have ended", async () => {
  const id = await submitted({ context: "other" });
  await engine.cancel(id);
  expect(kubectl.jobs()).toEqual([]);
  expect(kubectl.asked().at(-1)).toEqual([
    "delete",
    "job",
    jobOf(id),
    "--ignore-not-found",
    "--cascade=foreground",
    "--wait=true",
    "--timeout=15m",
    "--context=other",
    "--namespace=current",
  ]);
});

describe("kubectl", () => {
  test("that is missing is told in one line, with what to do", async () => {
    vi.stubEnv("PATH", join(folder, "nowhere"));
    const refusal = submitted();
    await expect(refusal).rejects.toThrow(UsageError);
    await expect(refusal).rejects.toThrow(
      "kubectl: not found on PATH; install it and give it access to a cluster, or measure here with --engine local --machine NAME",
    );
  });

  test("that finds no cluster is told by its own last line", async () => {
    const refused =
      "The connection to the server localhost:8080 was refused - did you specify the right host or port?";
    kubectl.broken(refused);
    const refusal = submitted();
    await expect(refusal).rejects.toThrow(FailureError);
    await expect(refusal).rejects.toThrow(`kubectl get: failed, ${refused}; try kubectl cluster-info`);
  });

  test("that answers something else than a job is not believed", async () => {
    const id = await submitted();
    const { metadata } = kubectl.job(jobOf(id));
    kubectl.change(jobOf(id), { metadata });
    await expect(engine.look(id)).rejects.toThrow("kubectl: answered no Indexed Job");
    kubectl.change(jobOf(id), { metadata, spec: { completions: 3 }, status: { completedIndexes: "2-1" } });
    await expect(engine.look(id)).rejects.toThrow("kubectl: a job's indices must be numbers and ranges");
  });
});
