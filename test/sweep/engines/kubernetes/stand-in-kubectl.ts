import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A kubectl whose cluster is a folder. It answers the words that are used here as the real one does, refuses all others,
 * and writes down what it was asked. A script of the system's shell, which starts in milliseconds.
 */
const SCRIPT = `#!/bin/sh
for word; do printf '%s\\n' "$word"; done >>"$CLUSTER/asked"
echo -- >>"$CLUSTER/asked"
refuse() {
  printf 'E0101 12:00:00.000 memcache.go:265] something long\\n%s\\n' "$1" >&2
  exit 1
}
if [ -e "$CLUSTER/broken" ]; then refuse "$(cat "$CLUSTER/broken")"; fi
namespace=current
for word; do
  case $word in
    --namespace=*) namespace=\${word#*=} ;;
  esac
done
case "$1 $2" in
  'config current-context')
    [ -e "$CLUSTER/context" ] || refuse 'error: current-context is not set'
    cat "$CLUSTER/context"
    ;;
  'get job')
    if [ -e "$CLUSTER/jobs/$3" ]; then cat "$CLUSTER/jobs/$3"; else [ "$4" = --ignore-not-found ] || refuse NotFound; fi
    ;;
  'get pods') cat "$CLUSTER/pods" ;;
  'apply --filename=-')
    manifest=$(cat)
    name=$(printf '%s\\n' "$manifest" | sed -n 's/^  name: //p' | head -n 1)
    completions=$(printf '%s\\n' "$manifest" | sed -n 's/^  completions: //p')
    [ -e "$CLUSTER/jobs/$name" ] || printf '{"metadata":{"name":"%s","namespace":"%s"},"spec":{"completions":%s}}' \\
      "$name" "$namespace" "$completions" >"$CLUSTER/jobs/$name"
    ;;
  'delete job') rm -f "$CLUSTER/jobs/$3" ;;
  *) refuse "error: unknown command $*" ;;
esac
`;

/** The stand-in, in `folder/bin`, and what its cluster has, which a test may change. */
export function standInKubectl(folder: string) {
  const [bin, cluster] = [join(folder, "bin"), join(folder, "cluster")];
  mkdirSync(bin, { recursive: true });
  mkdirSync(join(cluster, "jobs"), { recursive: true });
  writeFileSync(join(bin, "kubectl"), SCRIPT, { mode: 0o755 });
  const write = (name: string, text: string | null) => {
    if (text === null) rmSync(join(cluster, name), { force: true });
    else writeFileSync(join(cluster, name), text);
  };
  write("asked", "");
  write("pods", JSON.stringify({ items: [] }));
  return {
    bin,
    cluster,
    /** Of kubectl's configuration. */
    context: (name: string | null) => write("context", name === null ? null : `${name}\n`),
    /** What it says, and fails with, whatever it is asked. */
    broken: (why: string) => write("broken", why),
    /** What it answers about running pods: one for each index. */
    running: (indices: readonly number[]) =>
      write("pods", JSON.stringify({ items: indices.map((index) => pod(index)) })),
    jobs: () => readdirSync(join(cluster, "jobs")),
    job: (name: string) => JSON.parse(readFileSync(join(cluster, "jobs", name), "utf8")),
    change: (name: string, job: unknown) => write(join("jobs", name), JSON.stringify(job)),
    /** The words of each call. */
    asked: () =>
      readFileSync(join(cluster, "asked"), "utf8")
        .split("--\n")
        .slice(0, -1)
        .map((words) => words.trimEnd().split("\n")),
  };
}

function pod(index: number): unknown {
  return { metadata: { annotations: { "batch.kubernetes.io/job-completion-index": String(index) } } };
}
