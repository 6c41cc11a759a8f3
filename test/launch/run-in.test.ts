import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

const module = new URL("../../src/launch/run-in.js", import.meta.url).href;

/** A process that runs `code` by another Node, as the launcher does under an old one. */
function passedOn(code: string, node = process.execPath) {
  const script = `import { runIn } from ${JSON.stringify(module)};
    await runIn(${JSON.stringify(node)}, ["-e", ${JSON.stringify(code)}], (why) => { console.error(why); process.exitCode = 1; });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (text) => {
    stdout += text;
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal, stdout, stderr }));
  return { child, ended };
}

test("the streams and the exit code are those of the command", async () => {
  const { child, ended } = passedOn(
    "process.stdin.on('data', (text) => { console.log('read ' + text); console.error('aside'); process.exit(4); })",
  );
  child.stdin.write("it");
  expect(await ended).toEqual({ code: 4, signal: null, stdout: "read it\n", stderr: "aside\n" });
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s reaches the command, which may end well",
  async (signal) => {
    const code = `process.once("${signal}", () => { console.log("kept"); process.exit(3); }); setInterval(() => {}, 1e6); console.log("up");`;
    const { child, ended } = passedOn(code);
    await once(child.stdout, "data");
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 3, signal: null, stdout: "up\nkept\n" });
  },
);

test("a command that a signal ends, ends this process by it too", async () => {
  expect(await passedOn("process.kill(process.pid, 'SIGKILL')").ended).toMatchObject({
    code: null,
    signal: "SIGKILL",
  });
});

test("a Node that dies of itself, as where memory is limited, is told in one more line", async () => {
  const { code, stderr } = await passedOn("process.kill(process.pid, 'SIGTRAP')").ended;
  expect(code).not.toBe(0);
  expect(stderr).toBe(
    "attnbench: Node was ended by SIGTRAP: is memory or the address space limited (ulimit -v)? lift the limit\n",
  );
});

test("a Node that cannot be started, such as one for another C library, is one line", async () => {
  const { code, stderr } = await passedOn("", "/nonexistent/node").ended;
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr:
      "the bundled Node, /nonexistent/node, cannot be started here, ENOENT; use a Node of your own, version 26 or newer\n",
  });
});
