import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { appendFile, chmod, mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/** Where systems put daemons, which is not on every user's path. */
const SBIN = ["/usr/sbin", "/usr/local/sbin", "/sbin"];
const PATH = [...(process.env.PATH ?? "").split(":"), ...SBIN].join(":");

const NEEDED = ["munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol", "sinfo"];
const missing = NEEDED.filter((one) => !PATH.split(":").some((folder) => existsSync(join(folder, one))));

/** Whether Slurm cannot be had, which skips tests that need one; and a suffix of their title that says so. */
export const noSlurm = missing.length > 0;
export const whyNoSlurm = noSlurm
  ? ` (skipped: no ${missing.join(", ")} here, as Debian's slurm-wlm has)`
  : "";

/** Seconds within which a node is up, or never will be. */
const START_S = 60;
/** Seconds that daemons are given to end. */
const END_S = 10;

/** A Slurm of one node, which is this machine, for one test: of this user, in a folder, on the loopback address. */
export interface OneNode {
  readonly folder: string;
  /** Under which Slurm's programs find it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What one of Slurm's programs prints. */
  ask(program: string, ...words: readonly string[]): Promise<string>;
  /** Kills the controller as a crash would, and waits until nothing of it is left. */
  killController(): Promise<void>;
  /** Starts it again, from what it had saved, and waits until it answers. */
  startController(): Promise<void>;
  /** Ends all that was started, jobs included, and removes the folder. */
  stop(): Promise<void>;
}

/** Starts one and waits until its node is idle. What fails is told with the ends of the daemons' logs. */
export async function startOneNode(settings: readonly string[] = []): Promise<OneNode> {
  // Short, since it holds a socket, of whose path a system takes a hundred characters.
  const folder = await mkdtemp(join(tmpdir(), "anb-slurm-"));
  const started: ChildProcess[] = [];
  const environment = { ...process.env, PATH, SLURM_CONF: join(folder, "slurm.conf") };
  const ask = async (program: string, ...words: readonly string[]) =>
    (await promisify(execFile)(program, [...words], { env: environment })).stdout;

  const daemon = async (program: string, ...words: readonly string[]) => {
    const log = await open(join(folder, `${program}.log`), "a");
    // Ends with this process, however that ends.
    const child = spawn("setpriv", ["--pdeathsig", "KILL", program, ...words], {
      env: environment,
      stdio: ["ignore", log.fd, log.fd],
    });
    await log.close();
    started.push(child);
    return child;
  };

  const until = async (what: string, holds: () => Promise<boolean>) => {
    const last = Date.now() + 1000 * START_S;
    while (!(await holds().catch(() => false))) {
      if (Date.now() > last) throw new Error(`${what} within ${START_S} s${logsIn(folder)}`);
      await sleep(100);
    }
  };
  const controllerAnswers = () =>
    until("the controller did not answer", async () => (await ask("scontrol", "ping")).includes("is UP"));

  const stop = async () => {
    if (await answersNow(ask)) {
      await ask("scancel", `--user=${userInfo().username}`).catch(() => {});
      await untilOrLater(async () => (await ask("squeue", "--noheader")).trim() === "");
    }
    for (const child of started.reverse()) await ended(child, "SIGTERM");
    // Daemons' children, and steps of jobs that outlived their daemon.
    for (const pid of belongingTo(folder)) kill(pid);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };

  try {
    await chmod(folder, 0o755);
    for (const one of ["state", "spool", "munge"]) await mkdir(join(folder, one), { mode: 0o755 });
    await writeFile(join(folder, "munge/key"), randomBytes(1024), { mode: 0o400 });
    await writeFile(environment.SLURM_CONF, configuration(folder, await freePorts(2), settings));
    await daemon(
      "munged",
      "--foreground",
      "--force",
      "--num-threads=2",
      `--key-file=${folder}/munge/key`,
      `--socket=${folder}/munge/socket`,
      `--pid-file=${folder}/munge/pid`,
      `--log-file=${folder}/munge/log`,
      `--seed-file=${folder}/munge/seed`,
    );
    await until("munged made no socket", async () => existsSync(`${folder}/munge/socket`));
    let controller = await daemon("slurmctld", "-D");
    await controllerAnswers();
    await daemon("slurmd", "-D");
    const isIdle = async () => (await ask("sinfo", "--noheader", "--format=%T")).trim() === "idle";
    await until("the node did not become idle", isIdle);
    return {
      folder,
      environment,
      ask,
      async killController() {
        await ended(controller, "SIGKILL");
      },
      async startController() {
        await appendFile(join(folder, "slurmctld.log"), "started again\n");
        controller = await daemon("slurmctld", "-D");
        await controllerAnswers();
      },
      stop,
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/**
 * No account of jobs, no cgroups, no mail: nothing of the system's. A credential expires within seconds, since that is how
 * long Slurm waits before it starts a task again that was queued again.
 */
function configuration(
  folder: string,
  [controller, node]: readonly number[],
  settings: readonly string[],
): string {
  const host = hostname().split(".")[0];
  const user = userInfo().username;
  // CPUs, sockets, cores and memory, as the node itself sees them.
  const hardware = execFileSync("slurmd", ["-C"], { encoding: "utf8", env: { ...process.env, PATH } });
  const sizes = hardware.split("\n")[0].replace(/^NodeName=\S+ /, "");
  return `${[
    "ClusterName=attnbench",
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${controller}`,
    `SlurmdPort=${node}`,
    "CommunicationParameters=NoInAddrAny,NoCtldInAddrAny",
    "AuthType=auth/munge",
    `AuthInfo=socket=${folder}/munge/socket,cred_expire=5`,
    `SlurmUser=${user}`,
    `SlurmdUser=${user}`,
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/spool`,
    `SlurmctldPidFile=${folder}/slurmctld.pid`,
    `SlurmdPidFile=${folder}/slurmd.pid`,
    "ProctrackType=proctrack/linuxproc",
    "TaskPlugin=task/affinity",
    "SelectType=select/cons_tres",
    "SelectTypeParameters=CR_Core",
    "SlurmdParameters=config_overrides",
    "JobRequeue=1",
    "ReturnToService=2",
    "KillWait=5",
    "MinJobAge=10",
    "SchedulerParameters=sched_interval=2,batch_sched_delay=0",
    "MpiDefault=none",
    "SwitchType=switch/none",
    "MailProg=/bin/true",
    "AccountingStorageType=accounting_storage/none",
    "JobAcctGatherType=jobacct_gather/none",
    ...settings,
    `NodeName=one NodeHostname=${host} NodeAddr=127.0.0.1 ${sizes} Feature=here`,
    "PartitionName=cpu Nodes=one Default=YES MaxTime=60 State=UP",
  ].join("\n")}\n`;
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      server.once("error", reject).listen(0, "127.0.0.1", resolve);
      await promise;
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      const { promise, resolve } = Promise.withResolvers<unknown>();
      server.close(resolve);
      await promise;
      return typeof address === "object" && address !== null ? address.port : 0;
    }),
  );
}

async function answersNow(ask: OneNode["ask"]): Promise<boolean> {
  return (await ask("scontrol", "ping").catch(() => "")).includes("is UP");
}

/** Waits for something as long as daemons are given to end. */
async function untilOrLater(holds: () => Promise<boolean>): Promise<void> {
  for (let tenth = 0; tenth < 10 * END_S && !(await holds().catch(() => true)); tenth++) await sleep(100);
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const isGone = async () => child.exitCode !== null || child.signalCode !== null;
  child.kill(signal);
  await untilOrLater(isGone);
  child.kill("SIGKILL");
  await untilOrLater(isGone);
}

/** Processes that were told of this Slurm by their environment, or work in its folder. */
function belongingTo(folder: string): readonly number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter((pid) => {
      try {
        const told = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
        return (
          told.includes(`SLURM_CONF=${folder}/slurm.conf`) ||
          readlinkSync(`/proc/${pid}/cwd`).startsWith(`${folder}/`)
        );
      } catch {
        return false; // it has ended, or is another user's
      }
    });
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended in the meantime.
  }
}

function logsIn(folder: string): string {
  return ["munged", "slurmctld", "slurmd"]
    .map((one) => join(folder, `${one}.log`))
    .filter((path) => existsSync(path))
    .map((path) => `\n${path}:\n${readFileSync(path, "utf8").trim().split("\n").slice(-8).join("\n")}`)
    .join("");
}
