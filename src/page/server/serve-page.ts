import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { FailureError, messageOf } from "../../core/errors.ts";
import type { SuitePage } from "../document/page.ts";

/** A page that is served on this machine alone. */
export interface PageServer {
  /** Such as `http://127.0.0.1:41234/`. */
  readonly address: string;
  close(): Promise<void>;
}

/** What nobody but this machine reaches. */
const LOOPBACK = "127.0.0.1";

/**
 * Serves the page, and nothing else, at a port of the loopback interface; at a free one, if it is 0. It is isolated from
 * other pages (COOP, COEP), which gives it threads and a clock of finer steps. Throws a FailureError if the port cannot be
 * had.
 */
export async function servePage(page: SuitePage, port: number): Promise<PageServer> {
  const body = Buffer.from(page.html, "utf8");
  const headers = headersOf(page);
  const server = createServer((request, response) => answer(request, response, body, headers));
  await listening(server, port);
  const { port: own } = server.address() as AddressInfo;
  return {
    address: `http://${LOOPBACK}:${own}/`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        // A browser keeps its connections open.
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", (error) => fail(refusal(error, port)));
    server.listen(port, LOOPBACK, () => done());
  });
}

function refusal(error: NodeJS.ErrnoException, port: number): FailureError {
  switch (error.code) {
    case "EADDRINUSE":
      return new FailureError(
        `page: port ${port} is taken; name another with --port, or omit it for a free one`,
      );
    case "EACCES":
      return new FailureError(
        `page: port ${port} may not be used by this user; name one from 1024 on, or omit --port for a free one`,
      );
    default:
      return new FailureError(
        `page: cannot be served at port ${port}, ${messageOf(error)}; write it with --out`,
      );
  }
}

function headersOf({ policy }: SuitePage): Readonly<Record<string, string>> {
  return {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": `${policy}; frame-ancestors 'none'`,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
  };
}

function answer(
  { method, url = "", headers: asked, socket }: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): void {
  const refuse = (status: number, why: string, more: Readonly<Record<string, string>> = {}) => {
    response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", ...safe, ...more });
    response.end(`${why}\n`);
  };
  // A page elsewhere whose name was made to lead here (DNS rebinding) says that name.
  if (!isOurHost(asked.host, socket.localPort)) {
    refuse(421, `must be asked for as ${LOOPBACK} or localhost, with its port`);
  } else if (method !== "GET" && method !== "HEAD") {
    refuse(405, "must be asked for with GET or HEAD", { Allow: "GET, HEAD" });
  } else if (url.split("?", 1)[0] !== "/") {
    refuse(404, "there is one page here, at /");
  } else {
    response.writeHead(200, { ...headers, "Content-Length": body.length });
    response.end(method === "HEAD" ? undefined : body);
  }
}

const safe = { "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store" } as const;

function isOurHost(host: string | undefined, port: number | undefined): boolean {
  return [LOOPBACK, "localhost"].some(
    // Browsers leave the usual port out.
    (name) => host === `${name}:${port}` || (port === 80 && host === name),
  );
}
