import { spawnSync } from "node:child_process";
import process from "node:process";

/** Pythons besides those of the path and the system, as `.ci/run` names them, between colons. */
const others = process.env.TEST_PYTHONS?.split(":") ?? [];

/**
 * The first Python here that imports all of these modules, or null: that of the path, the system's, or another. It is
 * named by where it is itself, since what stands in its place in the path may be a script that looks for it.
 */
export function pythonWith(...modules: readonly string[]): string | null {
  const code = `${modules.map((name) => `import ${name}\n`).join("")}import sys\nprint(sys.executable)`;
  for (const name of ["python3", "/usr/bin/python3", ...others]) {
    const { status, stdout } = spawnSync(name, ["-c", code], { encoding: "utf8" });
    if (status === 0) return stdout.trim();
  }
  return null;
}
