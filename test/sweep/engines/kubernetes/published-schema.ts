import { validate } from "kubernetes-models/_schemas/IoK8sApiBatchV1Job";

/** What the compiled schema leaves behind, of which its types do not tell. */
interface Fault {
  readonly instancePath: string;
  readonly keyword: string;
}

/**
 * What a Job has that its published schema does not allow, a line a fault; none if it is valid. Kubernetes' OpenAPI leaves
 * objects open. Here they are closed: a field that the compiled schema never looks at is one that it does not know.
 */
export function faultsOf(job: unknown): readonly string[] {
  const looked = new Set<string>();
  const fits = validate(watched(job, "", looked));
  const { errors } = validate as { errors?: readonly Fault[] | null };
  const faults = fits ? [] : (errors ?? []).map(({ instancePath, keyword }) => `${instancePath}: ${keyword}`);
  return [...faults, ...unknownFields(job, "", looked).map((path) => `${path}: no such field`)];
}

/** The same value, of which every field that is looked at is written down by its path. */
function watched(value: unknown, path: string, looked: Set<string>): unknown {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const at = `${path}/${String(key)}`;
      looked.add(at);
      return watched(Reflect.get(target, key), at, looked);
    },
  });
}

function unknownFields(value: unknown, path: string, looked: ReadonlySet<string>): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    const at = `${path}/${key}`;
    return looked.has(at) ? unknownFields(part, at, looked) : [at];
  });
}
