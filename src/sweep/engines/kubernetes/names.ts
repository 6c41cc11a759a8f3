import { createHash } from "node:crypto";

/** Characters of a name, and of a label's value. */
const MOST = 63;

/** RFC 1123, a label: what jobs, pods and namespaces are called. */
export function isName(text: string): boolean {
  return text.length <= MOST && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text);
}

/** RFC 1123, a subdomain: what claims, secrets and images' hosts are called. */
export function isSubdomain(text: string): boolean {
  return text.length <= 253 && text.split(".").every(isName);
}

/** A label's key: a name, and in front of it a subdomain that says whose it is. */
export function isLabelKey(text: string): boolean {
  const [key, prefix, ...rest] = text.split("/").reverse();
  return (
    rest.length === 0 && key !== "" && isLabelValue(key) && (prefix === undefined || isSubdomain(prefix))
  );
}

/** A label's value, which may be empty. */
export function isLabelValue(text: string): boolean {
  return text === "" || (text.length <= MOST && /^[a-zA-Z0-9]([\w.-]*[a-zA-Z0-9])?$/.test(text));
}

/**
 * The name of a job: of which sweep and class it is, and by content, so that what is handed over twice is one job. Pods and
 * their hosts are called after it, with the position of their shard, of which there are `shards`.
 */
export function jobName(sweep: string, machine: string, content: string, shards: number): string {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8);
  const most = MOST - `-${hash}-${shards - 1}`.length;
  const words = `${sweep}-${machine}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, most)
    .replace(/^-+|-+$/g, "");
  return words === "" ? hash : `${words}-${hash}`;
}

/** A label's value that says `text` as far as one can. */
export function labelValue(text: string): string {
  return text
    .replace(/[^\w.-]+/g, "-")
    .slice(0, MOST)
    .replace(/^[^a-zA-Z0-9]+|[^a-zA-Z0-9]+$/g, "");
}
