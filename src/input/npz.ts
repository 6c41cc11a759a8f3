import { printable, UsageError } from "../core/errors.ts";
import { withFile } from "../files/readable-file.ts";
import { ARCHIVE_OF_ARRAYS, toldByLooks } from "./file-kind.ts";
import { readNpy } from "./npy.ts";
import type { TensorSet } from "./tensor-set.ts";
import { openZip, type ZipMember } from "./zip.ts";

/**
 * The arrays of an `.npz` archive, such as `np.savez("captured.npz", q=q, k=k, v=v)` writes, stored or
 * deflated.
 */
export function npzSet(path: string): TensorSet {
  const where = printable(path);
  const members = new Map<string, ZipMember>();
  for (const member of openedZip(path, where)) {
    if (/\.npy$/i.test(member.name)) members.set(member.name.replace(/\.npy$/i, ""), member);
  }
  if (members.size === 0) {
    const none = new UsageError(`${where}: must hold arrays; save them with np.savez(path, q=q, k=k, v=v)`);
    throw withFile(path, (file) => toldByLooks(where, ARCHIVE_OF_ARRAYS, file, none));
  }
  return {
    where,
    names: [...members.keys()],
    files: [path],
    metadataOf: () => ({}),
    tensor(name) {
      const member = members.get(name);
      if (member === undefined) throw new TypeError(`${where}: ${name} is not in the archive`);
      return readNpy(`${where}: ${printable(name)}`, member.content);
    },
  };
}

function openedZip(path: string, where: string): readonly ZipMember[] {
  try {
    return openZip(path);
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    throw withFile(path, (file) => toldByLooks(where, ARCHIVE_OF_ARRAYS, file, thrown));
  }
}
