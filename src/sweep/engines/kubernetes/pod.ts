import { WORK_EXIT } from "../../work-exit.ts";
import type { KubernetesSettings } from "./settings.ts";
import { type Copying, mounted, SWEEP } from "./storage.ts";

/** Any object of a manifest. */
export type Part = Readonly<Record<string, unknown>>;

/** The container that measures, by its name. */
const MEASURES = "measure";

/** The variable by which Kubernetes tells a pod its index; `$(…)` is put in by Kubernetes, not by a shell. */
const INDEX = "$(JOB_COMPLETION_INDEX)";

/** How one shard is measured: what all pods of a job are, `list` being the path of its list in the sweep's folder. */
export function podSpec(
  settings: KubernetesSettings,
  { list, deadline, labels }: { list: string; deadline: number; labels: Part },
): Part {
  const { volume, mount, copying } = mounted(settings.storage);
  const container = containerWith(settings, [mount, { name: "tmp", mountPath: "/tmp" }]);
  const measuring = container(MEASURES, settings.image, {
    ...(settings.program === undefined ? {} : { command: settings.program }),
    args: ["sweep", "work", SWEEP, "--list", list, "--index", INDEX],
    workingDir: settings.directory ?? SWEEP,
  });
  return {
    restartPolicy: "Never",
    activeDeadlineSeconds: deadline,
    terminationGracePeriodSeconds: settings.grace,
    ...placement(settings, labels),
    ...privileges(settings),
    ...containersOf(measuring, copying, container),
    volumes: [volume, { name: "tmp", emptyDir: { sizeLimit: "1Gi" } }],
  };
}

type Container = (name: string, image: string, how: Part) => Part;

function containerWith(settings: KubernetesSettings, volumeMounts: readonly Part[]): Container {
  const amounts = { cpu: String(settings.cpus), memory: settings.memory };
  return (name, image, how) => ({
    name,
    image,
    ...how,
    env: [{ name: "HOME", value: "/tmp" }],
    resources: { requests: amounts, limits: amounts },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts,
  });
}

/**
 * One container, or three of which each starts after the one before has succeeded: it copies in, measures, copies out. So
 * no image needs a shell or a tool that is not its own.
 */
function containersOf(measuring: Part, copying: Copying | null, container: Container): Part {
  if (copying === null) return { containers: [measuring] };
  const copies = (name: string, command: readonly string[]) =>
    container(name, copying.image, {
      command,
      ...(copying.secret === undefined ? {} : { envFrom: [{ secretRef: { name: copying.secret } }] }),
      workingDir: SWEEP,
    });
  return {
    initContainers: [copies("fetch", copying.fetch), measuring],
    containers: [copies("store", copying.store)],
  };
}

/** On which nodes. */
function placement(settings: KubernetesSettings, labels: Part): Part {
  const apart = {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: labels } },
      ],
    },
  };
  const { "node-selector": nodeSelector, tolerations, "priority-class": priorityClassName } = settings;
  return {
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    ...(tolerations.length === 0 ? {} : { tolerations }),
    ...(settings["share-nodes"] ? {} : { affinity: apart }),
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
  };
}

/** None: what is asked for is what the strictest of the Pod Security Standards, `restricted`, demands. */
function privileges(settings: KubernetesSettings): Part {
  const { user, group, "service-account": serviceAccountName, "pull-secrets": secrets } = settings;
  return {
    ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: group,
      fsGroup: group,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
    ...(secrets.length === 0 ? {} : { imagePullSecrets: secrets.map((name) => ({ name })) }),
  };
}

/** What of a pod's end counts as a failure of its shard. */
export function failurePolicy(): Part {
  return {
    rules: [
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      {
        action: "FailIndex",
        onExitCodes: { containerName: MEASURES, operator: "In", values: [WORK_EXIT.usage] },
      },
    ],
  };
}
