import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { FailureError, printable } from "../core/errors.ts";
import { whyNotWritten } from "../files/replace-file.ts";

/** Opens a file in the user's browser. */
export async function openPage(path: string, platform: NodeJS.Platform = process.platform): Promise<void> {
  await open(resolve(path), path, platform);
}

/** Opens an address in the user's browser. */
export async function openAddress(
  address: string,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  await open(address, address, platform);
}

/** By the platform's own program, without a shell and without waiting for it to end. */
async function open(target: string, name: string, platform: NodeJS.Platform): Promise<void> {
  const program = openers[platform] ?? "xdg-open";
  const child = spawn(program, [target], { detached: true, stdio: "ignore", shell: false });
  await new Promise<void>((done, fail) => {
    child.once("spawn", done);
    child.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "ENOENT" ? "there is no such program" : whyNotWritten(error);
      fail(
        new FailureError(`--open: must be able to start ${program}, ${why}; open ${printable(name)} by hand`),
      );
    });
  });
  child.unref();
}

const openers: Partial<Record<NodeJS.Platform, string>> = { darwin: "open", win32: "explorer.exe" };
