import * as z from "zod";
import { parseDuration } from "../../../text/units.ts";

/** What a plan says of a class of machines that Slurm has. Options of `sbatch` are called as they are there. */
export type SlurmSettings = z.infer<typeof slurmSettings>;

/** A text of one form. In `#SBATCH` lines nothing is quoted, so no form has a space, a quote, a backslash or a `#`. */
function word(form: RegExp, rule: string) {
  return z.string().max(500).regex(form, `must be ${rule}`);
}

/** Names between commas, as Slurm has them. */
const names = (what: string) => word(/^\w[\w.@+-]*(,\w[\w.@+-]*)*$/, `${what}: letters, digits, . _ - @ +`);
const hosts = word(/^[\w.,[\]-]+$/, "hosts such as node7,node[10-20]");

/** Seconds, as typed. */
function duration(least: number) {
  const rule = `must be a time from ${least}s to 7 days, such as 90s or 2h`;
  return z.union([z.string(), z.number()], { error: rule }).transform((typed, context) => {
    try {
      const seconds = Math.ceil(parseDuration("", typed));
      if (seconds >= least) return seconds;
    } catch {
      // Said below: which option it is, the reader of the plan knows.
    }
    context.addIssue(rule);
    return z.NEVER;
  });
}

const count = (least: number, most: number) => z.number().int().min(least).max(most);

const options = z.strictObject({
  partition: names("partitions").optional(),
  account: names("an account").optional(),
  qos: names("a quality of service").optional(),
  reservation: names("reservations").optional(),
  clusters: names("clusters").optional(),
  /** Features of nodes, by Slurm's operators. */
  constraint: word(/^[\w.:,&|*()[\]-]+$/, "features of nodes such as epyc or [rack1|rack2]&ib").optional(),
  gres: word(/^[\w.:,=-]+$/, "resources such as gpu:1").optional(),
  nodelist: hosts.optional(),
  exclude: hosts.optional(),
  nice: count(0, 2_147_483_645).optional(),
  /** Cores of a shard; if omitted, one for each of its threads and one for what Node does beside them. */
  "cpus-per-task": count(1, 4096).optional(),
  /** All of a node's that is exclusive, and what the cluster gives of others, if omitted. */
  mem: word(/^\d{1,12}[KMGT]?$/, "memory such as 8G or 4096M").optional(),
  /** Whether a shard has a node to itself: whoever computes beside it is in its times. */
  exclusive: z.boolean().default(true),
  /** Seconds that a task asks for at the most, where predictions need more: it queues again and goes on. */
  time: duration(300).optional(),
  /** Seconds before its limit in which a task keeps what it measured. Slurm counts them to a minute. */
  notice: duration(10).default(60),
  /** Tasks of the array, fewer than the cluster's MaxArraySize; those of more shards measure several in turn. */
  tasks: count(1, 1_000_000).default(1000),
  /** Tasks that may run at once. */
  "at-once": count(1, 1_000_000).optional(),
  /** Environment modules that are loaded first. */
  modules: z
    .array(word(/^\w[\w.+-]*(\/\w[\w.+-]*)*$/, "a module such as nodejs/26.1"))
    .max(50)
    .default([]),
  /** The words that start attnbench on a node, if it is elsewhere than here. */
  program: z.array(z.string().refine(isWord, "must be a word of a command")).min(1).max(50).optional(),
});

export const slurmSettings = options.refine(({ time, notice }) => time === undefined || time >= 2 * notice, {
  path: ["time"],
  error: "must be at least twice the notice",
});

/** Whether a program can be given it as an argument, by a script in UTF-8. */
export function isWord(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0") && text.length <= 4000;
}
