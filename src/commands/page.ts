import { once } from "node:events";
import { printable, UsageError } from "../core/errors.ts";
import { replaceFile } from "../files/replace-file.ts";
import { endingIn } from "../library/run-file.ts";
import { suitePage } from "../page/document/page.ts";
import { builtSuiteScripts } from "../page/document/scripts.ts";
import { servePage } from "../page/server/serve-page.ts";
import { parseInteger } from "../text/units.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";
import { openAddress, openPage } from "./open-page.ts";

export interface PageOptions {
  /** As typed; a free one if omitted. */
  readonly port: string | undefined;
  /** The file to write the page to, instead of serving it. */
  readonly out: string | undefined;
  /** Whether to open it in the user's browser. */
  readonly open: boolean;
}

/** Serves the page that runs the suite in a browser until it is interrupted, or writes it to a file. */
export async function page({ port, out, open }: PageOptions, io: Io): Promise<ExitCode> {
  if (out !== undefined && port !== undefined) {
    throw new UsageError("--port: is where the page is served, and --out writes it to a file; omit one");
  }
  const suite = suitePage(builtSuiteScripts());
  if (out !== undefined) {
    const path = endingIn("--out", out, ".html");
    replaceFile(path, suite.html);
    print(io, `wrote ${printable(path)}`);
    if (open) await openPage(path);
    return EXIT.fine;
  }
  const { signal } = io;
  const server = await servePage(suite, parseInteger("--port", port ?? 0, 0, 65_535));
  try {
    print(io, `serving ${server.address}`);
    note(io, "Ctrl-C ends it");
    if (open) await openAddress(server.address);
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    await server.close();
  }
  return EXIT.fine;
}
