import { quotedPath } from "../text/shell-quoted.ts";

/**
 * The command that measures the cases of a results file again, as one types it into a shell beside the file,
 * with the plug-ins that the run named: where these lie is as it was from the folder of the run.
 */
export function replayCommand(file: string, plugins: readonly string[] = []): string {
  const named = plugins.map((path) => `--plugin ${quotedPath(path)} `).join("");
  return `attnbench run ${named}--replay ${quotedPath(file)}`;
}
