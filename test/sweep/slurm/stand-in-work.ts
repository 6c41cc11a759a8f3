import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll } from "vitest";
import type { Engine, Submission } from "../../../src/sweep/engines/engine.ts";
import type { SlurmSettings } from "../../../src/sweep/engines/slurm/settings.ts";
import { slurmEngine } from "../../../src/sweep/engines/slurm/slurm.ts";
import { someShards, submissionOf, sweepFolder } from "../engines/slurm/stand-ins.ts";
import { noSlurm, type OneNode, startOneNode } from "./one-node.ts";

/** Milliseconds within which what is waited for has come, or never will. */
const HANG_MS = 300_000;

/**
 * Stands for `attnbench sweep work FOLDER --shard NAME`: measures for some tenths of a second, of which it notes each, goes
 * on where it was, keeps what it has at SIGTERM, and notes on which processors it ran.
 */
const WORK = `#!/bin/bash
part=$3/shards/$5.part.jsonl
done=$3/shards/$5.jsonl
trap 'echo kept >>"$part"; exit 75' TERM
echo begun >>"$3/begun-$5"
: >>"$part"
grep Cpus_allowed_list /proc/self/status
while (($(grep -c tenth "$part") < \${TENTHS:-3})); do
  echo tenth >>"$part"
  sleep 0.1
done
mv -- "$part" "$done"
`;

/** A Slurm of one node for the tests of a file, and sweeps for it whose shards the stand-in measures. */
export interface SlurmHere {
  readonly node: OneNode;
  readonly engine: Engine<SlurmSettings>;
  /** A folder that is removed in the end. */
  readonly root: string;
  /** A sweep in a folder of this name, whose shards take so many tenths of a second, with its script. */
  prepared(name: string, count: number, tenths: number, said?: object): Submission<SlurmSettings>;
  /** Whether nothing of a job waits or runs. */
  nothingLeft(id: string): Promise<boolean>;
}

/**
 * To be called once in a file, which is skipped without Slurm: there is nothing in what it returns before tests run.
 * `settings` are further lines of its configuration.
 */
export function slurmHere(settings: readonly string[] = []): SlurmHere {
  let root = "";
  let node: OneNode | undefined;
  let engine = slurmEngine({});
  beforeAll(async () => {
    if (noSlurm) return;
    root = mkdtempSync(join(tmpdir(), "attnbench-on-slurm-"));
    node = await startOneNode(settings);
    engine = slurmEngine(node.environment);
  });
  afterAll(async () => {
    await node?.stop();
    if (root !== "") rmSync(root, { recursive: true, force: true });
  });
  return {
    get node() {
      if (node === undefined) throw new TypeError("slurmHere: must be asked within a test");
      return node;
    },
    get engine() {
      return engine;
    },
    get root() {
      return root;
    },
    prepared(name, count, tenths, said = {}) {
      const folder = sweepFolder(join(root, name));
      const work = join(root, "work");
      writeFileSync(work, WORK);
      chmodSync(work, 0o755);
      const program = ["/usr/bin/env", `TENTHS=${tenths}`, work];
      const submission = submissionOf(said, { folder, directory: root, program, shards: someShards(count) });
      for (const [path, text] of engine.files(submission)) writeFileSync(join(folder, path), text);
      return submission;
    },
    async nothingLeft(id) {
      const { waiting, running } = await engine.look(id);
      return waiting.length + running.length === 0;
    },
  };
}

/** Waits for what must come, within so many milliseconds. */
export async function until(holds: () => boolean | Promise<boolean>, patience = HANG_MS): Promise<void> {
  const last = Date.now() + patience;
  while (!(await holds())) {
    if (Date.now() > last) throw new Error(`did not come: ${holds}`);
    await sleep(100);
  }
}

/** The files of shards in a sweep's folder. */
export function resultsIn(folder: string): readonly string[] {
  return readdirSync(join(folder, "shards")).sort();
}

/** How many times the stand-in was told to measure a shard. */
export function begun(folder: string, shard: string): number {
  const path = join(folder, `begun-${shard}`);
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").length - 1 : 0;
}
