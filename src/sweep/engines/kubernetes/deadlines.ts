import type { Shard } from "../../shard.ts";
import type { KubernetesSettings } from "./settings.ts";

/** Times its prediction that a shard may take: predictions are of an idle machine, and another than this. */
const MARGIN = 3;
/** Seconds until a pod measures: its image is pulled, its volume mounted. */
const START_S = 600;

/** Seconds after which Kubernetes ends what hangs. */
export interface Deadlines {
  /** One pod, from when it is on a node. */
  readonly pod: number;
  /** All of the job, waiting included. */
  readonly job: number;
}

/** From what the shards are predicted to take. */
export function deadlinesOf(
  shards: readonly Shard[],
  { parallelism, wait }: Pick<KubernetesSettings, "parallelism" | "wait">,
): Deadlines {
  const longest = shards.reduce((most, { predicted_s }) => Math.max(most, predicted_s), 0);
  const pod = Math.ceil(MARGIN * longest) + START_S;
  return { pod, job: wait + Math.ceil(shards.length / parallelism) * pod };
}
