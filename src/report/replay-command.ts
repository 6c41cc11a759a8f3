import { quotedPath } from "../text/shell-quoted.ts";

/**
 * The command that measures the cases of a results file again, to be typed into a shell in the file's folder,
 * with the plug-ins that the run named: their paths are relative to the folder of the run.
 */
export function replayCommand(file: string, plugins: readonly string[] = []): string {
  const named = plugins.map((path) => `--plugin ${quotedPath(path)} `).join("");
  return `attnbench run ${named}--replay ${quotedPath(file)}`;
}
