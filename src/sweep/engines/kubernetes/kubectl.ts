import { execFile } from "node:child_process";
import { FailureError, printable, UsageError } from "../../../core/errors.ts";

/** The most that one answer may have, in bytes: a job's has some thousand, its running pods' some thousand each. */
const MOST_BYTES = 2 ** 28;

/** Which cluster, and which part of it: kubectl's current ones where undefined. */
export interface Cluster {
  readonly context: string | undefined;
  readonly namespace: string | undefined;
}

/**
 * What kubectl answers to these words, which no shell reads, with `input` to read. Throws a FailureError with its own last
 * line if it fails, and a UsageError if it is not there.
 */
export function kubectl(
  words: readonly string[],
  { context, namespace }: Cluster,
  input = "",
): Promise<string> {
  const where = [
    ...(context === undefined ? [] : [`--context=${context}`]),
    ...(namespace === undefined ? [] : [`--namespace=${namespace}`]),
  ];
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile("kubectl", [...words, ...where], { maxBuffer: MOST_BYTES }, (error, out, err) => {
    if (error === null) resolve(out);
    else reject(refusal(words, error, err));
  });
  // A program that reads nothing closes it; how that ended tells more.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  return promise;
}

/** The same, read as JSON; null if it answered nothing. */
export async function kubectlJson(words: readonly string[], cluster: Cluster): Promise<unknown> {
  const answer = await kubectl([...words, "--output=json"], cluster);
  if (answer.trim() === "") return null;
  try {
    return JSON.parse(answer);
  } catch {
    throw new FailureError(
      `kubectl ${printable(words[0] ?? "")}: answered no JSON, got '${printable(answer.trim(), 100)}'; try kubectl version`,
    );
  }
}

function refusal(words: readonly string[], error: Error, err: string): FailureError | UsageError {
  if ("code" in error && error.code === "ENOENT") {
    return new UsageError(
      "kubectl: not found on PATH; install it and give it access to a cluster, or measure here with --engine local --machine NAME",
    );
  }
  const said = err.trim().split("\n").at(-1)?.trim() ?? "";
  const why = said === "" ? error.message : said;
  return new FailureError(
    `kubectl ${printable(words[0] ?? "")}: failed, ${printable(why, 400)}; try kubectl cluster-info`,
  );
}
