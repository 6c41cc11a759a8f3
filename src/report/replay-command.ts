import { quotedPath } from "../core/shell-quoted.ts";

/** The command that measures the cases of a results file again, as one types it into a shell beside the file. */
export function replayCommand(name: string): string {
  return `attnbench run --replay ${quotedPath(name.endsWith(".jsonl") ? name : `${name}.jsonl`)}`;
}
