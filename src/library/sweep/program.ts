import { join } from "node:path";
import process from "node:process";
import { packageRoot } from "../../files/package-root.ts";

/** The words that start this attnbench on this machine, as this process was started. */
export function programWords(): readonly string[] {
  return [process.execPath, ...process.execArgv, join(packageRoot(), "src", "launch.js")];
}
