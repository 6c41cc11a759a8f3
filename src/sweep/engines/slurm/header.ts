import { countText } from "../../../text/count-text.ts";
import type { SlurmSettings } from "./settings.ts";
import { MARGIN, START_S, type Tasks } from "./tasks.ts";

/** Settings that are options of `sbatch` under the same name, and mean what they mean there. */
const SAME = [
  "partition",
  "account",
  "qos",
  "reservation",
  "clusters",
  "constraint",
  "gres",
  "nodelist",
  "exclude",
  "nice",
] as const satisfies readonly (keyof SlurmSettings)[];

/** What a script asks Slurm for: `#SBATCH` lines, each group with the reason in front. */
export function header(
  name: string,
  shards: number,
  { tasks, shardsPerTask, cpus, minutes }: Tasks,
  settings: SlurmSettings,
): readonly string[] {
  const atOnce = settings["at-once"] === undefined ? "" : `%${settings["at-once"]}`;
  const memory = settings.mem ?? (settings.exclusive ? "0" : undefined);
  const same = SAME.flatMap((option) =>
    settings[option] === undefined ? [] : [sbatch(option, settings[option])],
  );
  return [
    sbatch("job-name", name),
    ...(same.length === 0 ? [] : ["# As the plan has it.", ...same]),
    `# ${countText(tasks, "task")} for ${countText(shards, "shard")}, ${shardsPerTask === 1 ? "one each" : `up to ${shardsPerTask} each, in turn`}.`,
    sbatch("array", `0-${tasks - 1}${atOnce}`),
    "# What this script says; what a shard says is in logs/<shard>.log.",
    sbatch("output", "logs/slurm-%A_%a.log"),
    sbatch("open-mode", "append"),
    settings.exclusive
      ? "# A node for each task, with all of its memory unless the plan says how much: neighbours would be in the times."
      : "# Parts of nodes: whoever else computes on them is in the times.",
    sbatch("nodes", 1),
    sbatch("ntasks", 1),
    ...(settings.exclusive ? ["#SBATCH --exclusive"] : []),
    ...(memory === undefined ? [] : [sbatch("mem", memory)]),
    settings["cpus-per-task"] === undefined
      ? "# A core for each thread that is timed, and one for what Node does beside them; their second threads stay idle."
      : "# Cores as the plan has it; their second threads stay idle.",
    sbatch("cpus-per-task", cpus),
    sbatch("hint", "nomultithread"),
    settings.time === undefined
      ? `# Minutes: ${MARGIN} times what the longest task is predicted to take, ${START_S / 60} to start, and the notice below.`
      : `# Minutes: ${MARGIN} times what the longest task is predicted to take, at the most what the plan allows.`,
    sbatch("time", minutes),
    "# So many seconds ahead of that limit the script gets USR1: results are kept, and the task queues again for the rest.",
    sbatch("signal", `B:USR1@${settings.notice}`),
    "# Also after a node has failed.",
    "#SBATCH --requeue",
  ];
}

function sbatch(option: string, value: string | number): string {
  return `#SBATCH --${option}=${value}`;
}
