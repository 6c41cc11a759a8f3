import type { SweepStorage } from "./settings.ts";

/** Where pods see the sweep's folder. */
export const SWEEP = "/sweep";
/** The volume's name in a manifest. */
const VOLUME = "sweep";

/** Two words of commands with their own image, between which shards are measured. */
export type Copying = Extract<SweepStorage, { bucket: unknown }>["bucket"];

/** The volume of the sweep's folder, how containers mount it, and what copies to it if it is a pod's own. */
export interface Mounted {
  readonly volume: Readonly<Record<string, unknown>>;
  readonly mount: Readonly<Record<string, unknown>>;
  readonly copying: Copying | null;
}

export function mounted(storage: SweepStorage): Mounted {
  const mount = { name: VOLUME, mountPath: SWEEP };
  const volume = (source: object) => ({ name: VOLUME, ...source });
  if ("claim" in storage) {
    const { claim, path } = storage;
    return {
      volume: volume({ persistentVolumeClaim: { claimName: claim } }),
      mount: path === undefined ? mount : { ...mount, subPath: path },
      copying: null,
    };
  }
  if ("host-path" in storage) {
    // Never made: a folder that only one node has would look like a sweep of which nothing is done.
    const hostPath = { path: storage["host-path"], type: "Directory" };
    return { volume: volume({ hostPath }), mount, copying: null };
  }
  if ("nfs" in storage) {
    const { server, path } = storage.nfs;
    return { volume: volume({ nfs: { server, path } }), mount, copying: null };
  }
  return { volume: volume({ emptyDir: {} }), mount, copying: storage.bucket };
}
