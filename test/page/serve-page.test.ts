import { request } from "node:http";
import { createConnection, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PageServer, servePage } from "../../src/page/server/serve-page.ts";

const page = { html: "<!DOCTYPE html>\n<title>é</title>\n", policy: "default-src 'none'" };

let server: PageServer;
beforeAll(async () => {
  server = await servePage(page, 0);
});
afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function asked(path = "/", method = "GET", headers: Record<string, string> = {}): Promise<Answer> {
  const { hostname, port, host } = new URL(server.address);
  return new Promise((done, fail) => {
    request({ hostname, port, path, method, headers: { host, ...headers } }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        body += part;
      });
      response.on("end", () => done({ status: response.statusCode ?? 0, headers: response.headers, body }));
    })
      .on("error", fail)
      .end();
  });
}

test("the page is served at its address, isolated and guarded", async () => {
  const { status, headers, body } = await asked();
  expect(status).toBe(200);
  expect(body).toBe(page.html);
  expect(headers).toMatchObject({
    "content-type": "text/html; charset=utf-8",
    "content-length": `${Buffer.byteLength(page.html)}`,
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "x-content-type-options": "nosniff",
  });
});

test("HEAD has the headers of GET and no body", async () => {
  const { headers, status, body } = await asked("/", "HEAD");
  const got = await asked();
  expect({ status, body }).toEqual({ status: 200, body: "" });
  expect({ ...headers, date: "" }).toEqual({ ...got.headers, date: "" });
});

test("words after a question mark lead to the same page", async () => {
  expect((await asked("/?n=1")).status).toBe(200);
});

test.for(["POST", "PUT", "DELETE", "OPTIONS"])("%s is refused", async (method) => {
  const { status, headers, body } = await asked("/", method);
  expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: "GET, HEAD" });
  expect(body).toBe("must be asked for with GET or HEAD\n");
});

test.for(["/x", "//", "/../package.json", "/%2e%2e/package.json", "/..%2fpackage.json", "/favicon.ico"])(
  "there is nothing at %s",
  async (path) => {
    const { status, body } = await asked(path);
    expect({ status, body }).toEqual({ status: 404, body: "there is one page here, at /\n" });
  },
);

test("it is asked for by this machine's own names alone", async () => {
  const { port } = new URL(server.address);
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
    expect((await asked("/", "GET", { host })).status, host).toBe(200);
  }
  for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1", `127.0.0.1:${Number(port) + 1}`]) {
    const { status, body } = await asked("/", "GET", { host });
    expect({ host, status }).toEqual({ host, status: 421 });
    expect(body).not.toContain("<");
  }
});

test("what is no request of HTTP gets no page", async () => {
  const { port, hostname } = new URL(server.address);
  const socket = createConnection({ port: Number(port), host: hostname });
  let got = "";
  socket.setEncoding("utf8").on("data", (part: string) => {
    got += part;
  });
  socket.write("nonsense\r\n\r\n");
  await new Promise((done) => socket.once("close", done));
  expect(got).toMatch(/^HTTP\/1\.1 400 /);
});

describe("a port", () => {
  test("that is taken is refused in one line", async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
    const { port } = other.address() as { port: number };
    await expect(servePage(page, port)).rejects.toThrow(
      `page: port ${port} is taken; name another with --port, or omit it for a free one`,
    );
    other.close();
  });

  test("is free again once the page is closed, whatever browsers keep open", async () => {
    const one = await servePage(page, 0);
    const { port, hostname } = new URL(one.address);
    const kept = createConnection({ port: Number(port), host: hostname });
    // Half a request: a connection in use, whose end nobody knows.
    await new Promise((done) => kept.write("GET / HTTP/1.1\r\n", done));
    await one.close();
    const again = await servePage(page, Number(port));
    await again.close();
    expect(again.address).toBe(one.address);
    kept.destroy();
  });
});
