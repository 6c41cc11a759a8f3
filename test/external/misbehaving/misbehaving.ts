/**
 * A program that speaks the protocol of docs/external-kernels.md and computes softmax attention, but for one thing that
 * it does wrong: `node misbehaving.ts MODE`. `misbehaviours.ts` lists the modes and what must come of each.
 */
import { spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readSync, truncateSync, unlinkSync, writeSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";

type Line = Readonly<Record<string, unknown>>;

interface Prepared {
  readonly asked: Line;
  readonly inputs: string;
  readonly output: string;
  /** Both, open: what is deleted can still be read. */
  readonly files: readonly [number, number];
  readonly rows: readonly (readonly [number, number])[][];
  readonly shape: readonly number[];
}

interface Acts {
  /** Before anything is read. */
  readonly start?: () => void;
  /** In the place of an answer to a request, by its name; null once it answered by itself, or never will. */
  readonly hello?: Act;
  readonly supports?: Act;
  readonly prepare?: Act;
  readonly run?: Act;
  readonly outputs?: Act;
  readonly dispose?: Act;
  /** At the end of standard input, where others end. */
  readonly end?: () => void;
  /** In the place of writing a line. */
  readonly write?: (line: string) => void;
}

/** Given the right answer, what is answered instead; null for nothing. */
type Act = (ok: Line | true, id: unknown, need: Need) => Line | null | Promise<Line | null>;

/** Asks for a pattern, and gives the path of its file. */
type Need = (form: string) => Promise<string>;

const [, , mode = ""] = process.argv;

function say(text: string | Uint8Array): null {
  return put(1, typeof text === "string" ? Buffer.from(text) : text);
}

/** Writes all of it, however full the pipe is. */
function put(stream: 1 | 2, bytes: Uint8Array): null {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(stream, bytes, done);
    } catch (thrown) {
      // Full until attnbench has read.
      if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EAGAIN")) process.exit(9);
    }
  }
  return null;
}

function log(text: string): void {
  process.stderr.write(`${text}\n`);
}

function forever(): null {
  setInterval(() => {}, 1000);
  return null;
}

function dies(code: number): Act {
  return () => {
    log("the library was not found");
    process.exit(code);
  };
}

/** A process that keeps this one's standard output open. It ends by itself, should nobody end it. */
function grandchild(detached: boolean): void {
  spawn("sleep", ["20"], { stdio: ["ignore", "inherit", "inherit"], detached }).unref();
}

const hangs: Act = () => forever();
const rightly: Act = (right) => ({ ok: right });
/** Does something, and then answers. */
const first =
  (does: (id: unknown) => unknown, then: Act = rightly): Act =>
  (right, id, need) => {
    does(id);
    return then(right, id, need);
  };
const ok =
  (told: Line | string | number | boolean | null): Act =>
  () => ({ ok: told });
const times =
  (wall: unknown): Act =>
  () => ({ ok: { wall, device: null } });
const told =
  (other: Line): Act =>
  (right) => ({ ok: { ...(right as Line), ...other } });
const kernel = { id: "stand-in", kinds: ["softmaxPattern"] };
const calls = new Map<unknown, Prepared>();
/** What was prepared last. */
let latest: Prepared | null = null;

/** Every way to misbehave, by its name. */
const ACTS: Readonly<Record<string, Acts>> = {
  none: {},
  "dies-at-start": { start: () => process.exit(3) },
  "dies-at-hello": { hello: dies(4) },
  "exits-0-at-hello": { hello: () => process.exit(0) },
  "is-killed-at-hello": { hello: first(() => process.kill(process.pid, "SIGKILL"), hangs) },
  "hangs-at-hello": { hello: hangs },
  "prints-first": { start: () => void say("Loading weights…\n") },
  "prints-an-empty-line": { start: () => void say("\n") },
  "prints-a-number": { hello: () => say("42\n") },
  "prints-bytes": { hello: () => say(Uint8Array.of(0x7b, 0xff, 0xfe, 0x0a)) },
  "prints-escapes": { hello: () => say("\u001b[2J<script>alert(1)</script>\n") },
  "writes-a-2-mib-line": { hello: () => say(`${JSON.stringify({ id: 1, ok: "x".repeat(2 ** 21) })}\n`) },
  "ends-within-a-line": {
    hello: first(
      (id) => say(`{"id": ${id}, "ok"`),
      () => process.exit(0),
    ),
  },
  "hangs-within-a-line": { hello: first((id) => say(`{"id": ${id}, "ok"`), hangs) },
  "closes-stdout": { hello: first(() => closeSync(1), hangs) },
  "refuses-hello": { hello: () => ({ error: "no licence" }) },
  "has-no-kernels": { hello: told({ kernels: [] }) },
  "has-a-kernel-without-an-id": { hello: told({ kernels: [{ title: "mine" }] }) },
  "has-a-kernel-of-a-bad-id": { hello: told({ kernels: [{ id: "../mine" }] }) },
  "has-a-kernel-twice": { hello: told({ kernels: [kernel, kernel] }) },
  "has-kernels-in-a-text": { hello: told({ kernels: "mine" }) },
  "speaks-version-2": { hello: told({ protocol: 2 }) },
  "answers-another-id": { hello: (right) => say(`${JSON.stringify({ id: 77, ok: right })}\n`) },
  "answers-twice": {
    supports: first((id) => say(`${JSON.stringify({ id, ok: true })}\n`)),
  },
  "answers-ok-and-error": { supports: (right) => ({ ok: right, error: "both" }) },
  "answers-neither": { supports: () => ({ fine: true }) },
  "dies-at-supports": { supports: dies(5) },
  "hangs-at-supports": { supports: hangs },
  "supports-a-number": { supports: ok(17) },
  "supports-with-a-need": { supports: () => ({ need: "ranges" }) },
  "does-not-support": { supports: ok("head_dim must be 7") },
  "dies-at-prepare": { prepare: dies(6) },
  "hangs-at-prepare": { prepare: hangs },
  "fails-at-prepare": { prepare: () => ({ error: "out of memory\n\u001b[31mreally" }) },
  "needs-something-else": { prepare: () => ({ need: "tea" }) },
  "needs-for-ever": {
    prepare: async (_, __, need) => {
      // Whatever it is given, or why not.
      for (;;) await need("ranges").catch(() => {});
    },
  },
  "deletes-its-files": {
    prepare: (right) => {
      for (const path of [latest?.inputs, latest?.output]) unlinkSync(path ?? "");
      return { ok: right };
    },
  },
  "dies-at-run": { run: dies(7) },
  "hangs-at-run": { run: hangs },
  "stops-at-run": { run: first(() => process.kill(process.pid, "SIGSTOP"), hangs) },
  "fails-at-run": { run: () => ({ error: "cuBLAS said no" }) },
  "dies-after-run": { run: first(() => setTimeout(() => process.exit(8), 20)) },
  "speaks-after-run": { run: first(() => setTimeout(() => say('{"id": 0, "ok": {}}\n'), 20)) },
  "prints-at-run": { run: first(() => say("step 1 of 1\n")) },
  "floods-stdout": {
    run: () => {
      for (;;) say("x".repeat(65_536));
    },
  },
  "floods-stdout-with-lines": {
    run: (right, id) => {
      for (;;) say(`${JSON.stringify({ id, ok: right })}\n`);
    },
  },
  "grandchild-and-dies": {
    run: first(
      () => grandchild(false),
      () => process.exit(0),
    ),
  },
  "takes-no-time": { run: times(0) },
  "takes-negative-time": { run: times(-1) },
  "takes-a-text": { run: times("fast") },
  "takes-null": { run: times(null) },
  "takes-nan": { run: (_, id) => say(`{"id": ${id}, "ok": {"wall": NaN}}\n`) },
  "takes-for-ever": { run: (_, id) => say(`{"id": ${id}, "ok": {"wall": 1e999}}\n`) },
  "takes-longer-than-it-was-waited-for": { run: times(1e6) },
  "takes-the-same-for-any-calls": { run: times(1e-7) },
  "tells-less-than-it-computes": {
    // However long others kept it from running.
    run: (right) => {
      const { user, system } = process.threadCpuUsage(started);
      const wall = Math.max(0.6e-6 * (user + system), 0.01 * Number((right as Line).wall));
      return { ok: { wall, device: null } };
    },
  },
  "is-late-now-and-then": {
    run: (right) => {
      // Between what it times and its answer, as on a machine with other work.
      if (++runs % 4 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
      return { ok: right };
    },
  },
  "tells-no-time": { run: ok({}) },
  "device-takes-longer-than-the-wall": { run: (right) => ({ ok: { ...(right as Line), device: 1e6 } }) },
  "lies-about-the-shape": { outputs: told({ shape: [1, 2, 3, 4] }) },
  "lies-about-the-dtype": { outputs: told({ dtype: "float64" }) },
  "tells-no-shape": { outputs: ok({ dtype: "float32" }) },
  "counts-a-negative-workspace": { outputs: told({ workspace_bytes: -1 }) },
  "counts-a-text": { outputs: told({ workspace_bytes: "much" }) },
  "truncates-its-output": {
    outputs: first(() => truncateSync(latest?.output ?? "", 100)),
  },
  "dies-at-outputs": { outputs: dies(11) },
  "hangs-at-outputs": { outputs: hangs },
  "fails-at-dispose": { dispose: () => ({ error: "still in use" }) },
  "ignores-sigterm": {
    start: () => void process.on("SIGTERM", () => log("not yet")),
    end: () => void forever(),
  },
  "grandchild-keeps-stdout": { run: first(() => grandchild(false)) },
  "grandchild-leaves-the-group": { run: first(() => grandchild(true)) },
  "floods-stderr": {
    run: (right) => {
      const line = Buffer.from(`${"x".repeat(1000)}\n`);
      for (let count = 0; count < 2000; count++) put(2, line);
      return { ok: right };
    },
  },
  "logs-bytes": {
    run: first(() => put(2, Uint8Array.of(0xff, 0x1b, 0x5b, 0x32, 0x4a))),
  },
  "ends-lines-like-windows": { write: (line) => void say(`${line}\r\n`) },
  "writes-byte-by-byte": {
    write: (line) => {
      for (const byte of Buffer.from(`${line}\n`)) say(Uint8Array.of(byte));
    },
  },
  "writes-spaces-around": { write: (line) => void say(`  ${line} \t \n`) },
  "exits-7-at-the-end": { end: () => process.exit(7) },
};

/** How often it was asked to run, and what its thread had computed when it was asked last. */
let runs = 0;
let started = process.threadCpuUsage();

/** The names of all of them. */
export const MODES: readonly string[] = Object.keys(ACTS);

function requestLines(acts: Acts): void {
  const lines = createInterface({ input: process.stdin });
  const waiting: ((line: string) => void)[] = [];
  lines.on("line", (line) => {
    const given = waiting.shift();
    if (given !== undefined) given(line);
    else answer(acts, JSON.parse(line) as Line, () => new Promise((resolve) => waiting.push(resolve)));
  });
  lines.on("close", () => (acts.end ?? (() => process.exit(0)))());
}

async function answer(acts: Acts, request: Line, next: () => Promise<string>): Promise<void> {
  const { id, request: name } = request;
  const write = (line: Line) =>
    (acts.write ?? ((text: string) => say(`${text}\n`)))(JSON.stringify({ id, ...line }));
  const need = async (form: string) => {
    write({ need: form });
    return (JSON.parse(await next()) as { given: { file: string } }).given.file;
  };
  const right = await rightAnswer(request, need);
  const act = acts[name as keyof Acts] as Act | undefined;
  const line = act === undefined ? { ok: right } : await act(right, id, need);
  if (line !== null) write(line);
}

async function rightAnswer(request: Line, need: Need): Promise<Line | true> {
  switch (request.request) {
    case "hello":
      return { protocol: 1, name: "a stand-in", clock: "performance.now", kernels: [kernel] };
    case "supports":
      return true;
    case "prepare": {
      const rows = rangesIn(openSync(await need("ranges"), "r"));
      const { inputs, output } = request as { inputs: string; output: string };
      const files = [openSync(inputs, "r"), openSync(output, "r+")] as const;
      const { shape } = tensorsIn(files[1]).out;
      latest = { asked: request.case as Line, inputs, output, files, rows, shape };
      calls.set(request.call, latest);
      return {};
    }
    case "run": {
      started = process.threadCpuUsage();
      const start = performance.now();
      for (let call = 0; call < Number(request.calls); call++) compute(calls.get(request.call));
      return { wall: (performance.now() - start) / 1000, device: null };
    }
    case "outputs":
      return { dtype: "float32", shape: calls.get(request.call)?.shape };
    case "dispose":
      for (const file of calls.get(request.call)?.files ?? []) closeSync(file);
      calls.delete(request.call);
      return {};
    default:
      return {};
  }
}

interface Entry {
  readonly shape: readonly number[];
  readonly from: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

function tensorsIn(file: number): Readonly<Record<string, Entry>> {
  const bytes = new Uint8Array(fstatSync(file).size);
  readSync(file, bytes, 0, bytes.length, 0);
  const from = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, from))) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >;
  return Object.fromEntries(
    Object.entries(header)
      .filter(([name]) => name !== "__metadata__")
      .map(
        ([
          name,
          {
            shape,
            data_offsets: [begin, end],
          },
        ]) => [name, { shape, from: from + begin, bytes: bytes.slice(from + begin, from + end) }],
      ),
  );
}

function rangesIn(file: number): readonly (readonly [number, number])[][] {
  const { starts, ranges } = tensorsIn(file);
  closeSync(file);
  const edges = [...new BigInt64Array(ranges.bytes.buffer)].map(Number);
  const firsts = [...new BigInt64Array(starts.bytes.buffer)].map(Number);
  return firsts.slice(0, -1).map((first, row) =>
    Array.from({ length: Math.max(0, firsts[row + 1] - first) }, (_, at) => {
      const edge = 2 * (first + at);
      return [edges[edge], edges[edge + 1]] as const;
    }),
  );
}

/** Softmax attention of heads that all attend the same, from the inputs' file into the output's. */
function compute(call: Prepared | undefined): void {
  if (call === undefined) return;
  const numbers = Object.entries(tensorsIn(call.files[0])).map(([name, { bytes }]) => [
    name,
    new Float32Array(bytes.buffer),
  ]);
  const { q, k, v } = Object.fromEntries(numbers) as Record<string, Float32Array>;
  const {
    length,
    queries,
    head_dim: width,
    value_dim: columns,
    scale,
  } = call.asked as Record<string, number>;
  const out = new Float32Array(call.shape.reduce((product, size) => product * size, 1));
  for (let row = 0; row < out.length / columns; row++) {
    const first = Math.floor(row / queries) * length;
    const keys = call.rows[row % queries].flatMap(([from, to]) =>
      Array.from({ length: to - from }, (_, at) => first + from + at),
    );
    const scores = keys.map((key) => {
      let sum = 0;
      for (let c = 0; c < width; c++) sum += q[row * width + c] * k[key * width + c];
      return scale * sum;
    });
    const most = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - most));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (const [at, key] of keys.entries()) sum += weights[at] * v[key * columns + c];
      out[row * columns + c] = keys.length === 0 ? 0 : sum / total;
    }
  }
  const file = call.files[1];
  writeSync(file, new Uint8Array(out.buffer), 0, out.byteLength, tensorsIn(file).out.from);
}

if (import.meta.main) {
  const acts = ACTS[mode];
  if (acts === undefined) {
    log(`misbehaving: must be one of ${MODES.join(", ")}, got '${mode}'`);
    process.exit(2);
  }
  acts.start?.();
  requestLines(acts);
}
