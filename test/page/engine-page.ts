import { createServer, type Server } from "node:http";
import type { Page } from "playwright-core";
import type { EngineTells, PageAsks } from "../../src/page/protocol.ts";

/** A page that starts the engine from a blob, under a policy that lets it make no code and ask nobody anything. */
export function engineHtml(script: string): string {
  // The text of a script element ends at the first of these.
  const text = script.replaceAll("</script", "<\\/script");
  return `<!doctype html>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; worker-src blob:">
<title>engine</title>
<script type="text/plain" id="engine">${text}</script>
<script>
const told = [];
const blob = new Blob([document.getElementById("engine").textContent], { type: "text/javascript" });
const worker = new Worker(URL.createObjectURL(blob));
let look = () => {};
const hear = (one) => { told.push(one); look(); };
worker.onmessage = ({ data }) => hear(data);
worker.onerror = ({ message }) => hear({ tell: "failed", why: message });
const until = (kinds) => new Promise((resolve) => {
  look = () => { if (told.some(({ tell }) => kinds.includes(tell))) resolve(told.splice(0)); };
  look();
});
</script>`;
}

/** Serves it isolated from others, which gives shared memory and a finer clock. Close the server after use. */
export async function serveIsolated(
  html: string,
): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, {
      "content-type": "text/html; charset=utf-8",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    response.end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("a server must have a port");
  return { server, url: `http://127.0.0.1:${address.port}/` };
}

/** Asks the engine of such a page, and gives what it tells until it tells something of these kinds. */
export async function askEngine(
  page: Page,
  asked: PageAsks,
  ...kinds: readonly EngineTells["tell"][]
): Promise<readonly EngineTells[]> {
  await page.evaluate(`worker.postMessage(${JSON.stringify(asked)})`);
  const wanted = JSON.stringify([...kinds, "failed", "refused"]);
  return (await page.evaluate(`until(${wanted})`)) as EngineTells[];
}
