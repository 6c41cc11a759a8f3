import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageVersion } from "../files/package-version.ts";

/** The version of the package at `root`, and the SHA-256 of its lockfile; null where there is none. */
export function ownPackage(root: string): {
  readonly version: string;
  readonly lockfileSha256: string | null;
} {
  return { version: packageVersion(root), lockfileSha256: fileHash(join(root, "package-lock.json")) };
}

function fileHash(path: string): string | null {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  } catch {
    return null; // an installed package has no lockfile
  }
}
