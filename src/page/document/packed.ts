import { gzipSync } from "node:zlib";
import { Html } from "../../text/html.ts";

/**
 * A script that the page starts as a worker, or puts into a report: compressed, as base64, which holds nothing that a
 * parser of HTML would act on. `ui/packed-script.ts` unpacks it.
 */
export function packedScript(id: string, text: string): Html {
  return new Html(
    `<script type="text/plain" id="${id}">${gzipSync(text, { level: 9 }).toString("base64")}</script>`,
  );
}
