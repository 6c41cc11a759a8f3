import { readdirSync } from "node:fs";
import { join } from "node:path";
import { FailureError, messageOf, printable } from "../core/errors.ts";
import { readNpy } from "./npy.ts";
import { fileContent } from "./stored-tensor.ts";
import type { TensorSet } from "./tensor-set.ts";

/** The `.npy` files of a folder, by their names without the ending. */
export function npyFolder(path: string): TensorSet {
  const where = printable(path);
  const files = new Map<string, string>();
  for (const name of listed(path, where).sort()) {
    if (/\.npy$/i.test(name)) files.set(name.replace(/\.npy$/i, ""), join(path, name));
  }
  return {
    where,
    names: [...files.keys()],
    files: [...files.values()],
    metadataOf: () => ({}),
    tensor(name) {
      const file = files.get(name);
      if (file === undefined) throw new TypeError(`${where}: ${name} is not in the folder`);
      return readNpy(printable(file), fileContent(file));
    },
  };
}

function listed(path: string, where: string): string[] {
  try {
    return readdirSync(path);
  } catch (thrown) {
    throw new FailureError(`${where}: cannot be read, ${messageOf(thrown)}`);
  }
}
