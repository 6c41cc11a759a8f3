import { UsageError } from "../core/errors.ts";
import { withFile } from "../files/readable-file.ts";

/** The bytes of a file. Refuses one of more than `most`; `what` says what it should be, such as `a text`. */
export function readWhole(path: string, where: string, most: number, what: string): Buffer<ArrayBuffer> {
  return withFile(path, (file) => {
    if (!(file.size <= most)) {
      throw new UsageError(
        `${where}: ${what} must be at most ${most} bytes long, got ${file.size}; shorten it`,
      );
    }
    const content = Buffer.alloc(file.size);
    file.read(0, content);
    return content;
  });
}
