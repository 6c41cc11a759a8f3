import { execFile, execFileSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { Assembler, at, rax, rdi } from "../../../src/kernels/native/assembler/index.ts";
import { type Ffi, type Library, whyOtherPlatform } from "../../../src/kernels/native/call/ffi.ts";
import { entryOf, loadCode } from "../../../src/kernels/native/call/load-code.ts";
import { MemoryPlan } from "../../../src/kernels/native/call/memory.ts";
import { ffiOrThrow } from "../../../src/kernels/native/call/program.ts";
import { describeNative } from "./here.ts";

interface Told {
  readonly why: string | null;
  readonly unsuited: boolean;
  readonly details: string;
  readonly route: string;
  readonly limits: readonly [ceilings: number, bandwidth: number | null];
  readonly wasm: string | null;
}

const PROCESS = fileURLToPath(new URL("./obstacle-process.ts", import.meta.url));
const run = promisify(execFile);

/** What a process says with these flags and this setting; `before` is another program that runs Node. */
async function told(flags: readonly string[], setting = "", before: readonly string[] = []): Promise<Told> {
  const [program, ...words] = [...before, process.execPath, "--no-warnings", ...flags, PROCESS];
  const env = { ...process.env, ATTNBENCH_NATIVE: setting, NODE_OPTIONS: "" };
  const { stdout, stderr } = await run(program, words, { env });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Told;
}

/** Runs this text before anything else. */
const first = (code: string): string[] => ["--import", `data:text/javascript,${encodeURIComponent(code)}`];

const onLinux = process.platform === "linux" && process.arch === "x64";
const restricted = ["--permission", "--allow-fs-read=*"];

describe.skipIf(!onLinux)("a process in which machine code cannot run says why, and has wasm", () => {
  it.concurrent.each<[string, string[], string, RegExp, boolean]>([
    [
      "node:ffi is disabled",
      ["--no-experimental-ffi"],
      "",
      /^node:ffi is disabled; omit --no-experimental-ffi$/,
      false,
    ],
    [
      "permissions forbid it",
      restricted,
      "",
      /^Node's permission model forbids node:ffi; allow it with --allow-ffi$/,
      false,
    ],
    [
      "Node is too old",
      first("process.getBuiltinModule = () => undefined"),
      "",
      /^Node [\d.]+ has no node:ffi; 26\.9 and later have$/,
      false,
    ],
    [
      "the platform is another",
      first("Object.defineProperty(process, 'platform', { value: 'darwin' })"),
      "",
      /^it is written for x86-64 Linux, this is x64 darwin$/,
      true,
    ],
    ["it is switched off", [], "off", /^ATTNBENCH_NATIVE switches it off$/, false],
    [
      "the processor is an older one",
      [],
      "no-avx512",
      /^the processor has no avx512f, avx512dq, avx512bw/,
      true,
    ],
    [
      "the switch says nothing known",
      [],
      "AVX2",
      /^ATTNBENCH_NATIVE must be off, no-avx512, memfd or mapped, got "AVX2"$/,
      false,
    ],
  ])("where %s", async (_, flags, setting, why, unsuited) => {
    const { why: said, details, limits, wasm, ...other } = await told(flags, setting);
    expect(said).toMatch(why);
    expect(details).toBe(said);
    expect(other.unsuited).toBe(unsuited);
    expect(limits).toEqual([0, null]);
    expect(wasm).toBeNull();
  });

  it("names the platform that it is not on", () => {
    expect(whyOtherPlatform({ platform: "linux", arch: "x64" })).toBeNull();
    expect(whyOtherPlatform({ platform: "linux", arch: "arm64" })).toMatch(/this is arm64 linux$/);
    expect(whyOtherPlatform({ platform: "win32", arch: "x64" })).toMatch(/this is x64 win32$/);
  });
});

/** Whether a mount of this process's own can hide /proc. */
function canHide(): boolean {
  try {
    execFileSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/proc"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describeNative("machine code becomes executable", () => {
  it.concurrent.each([
    ["as a file without a name where nothing is said", [], "", "memfd"],
    ["as one where permissions allow only that", [...restricted, "--allow-ffi"], "", "memfd"],
    ["by the route that is named", [], "memfd", "memfd"],
    ["by the other route that is named", [], "mapped", "mapped"],
  ] as const)("%s", async (_, flags, setting, route) => {
    const { why, details, ...other } = await told(flags, setting);
    expect(why).toBeNull();
    expect(other.route).toBe(route);
    expect(details).toMatch(new RegExp(`^[0-9a-f]{12}, by ${route} on .+`));
    expect(other.limits[0]).toBe(2);
    expect(other.limits[1]).toBeGreaterThan(0);
  });

  it("as the same code, whatever the process and the route", async () => {
    const all = await Promise.all(["", "memfd", "mapped"].map((setting) => told([], setting)));
    expect(new Set(all.map(({ details }) => details.split(",")[0])).size).toBe(1);
  });

  it.skipIf(!canHide())("in mapped pages where /proc is not mounted", async () => {
    const hidden = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"];
    expect(await told([], "", hidden)).toMatchObject({ why: null, route: "mapped" });
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["memfd_create is refused", { memfd_create: -1 }, "mapped"],
    ["the file cannot be sealed", { fcntl: -1 }, "mapped"],
    ["the loader refuses it", { path: "cannot map" }, "mapped"],
    ["pages cannot be executed", { mprotect: -1 }, "memfd"],
  ])("where %s", (_, refused, route) => {
    const ffi = refusing(refused);
    const place = loadCode(ffi, sevens());
    expect(place).toMatchObject({ route });
    if (typeof place === "string") return;
    const plan = new MemoryPlan();
    const word = plan.reserve(8);
    plan.make(ffi);
    entryOf(ffiOrThrow(), place, "seven")(word().address);
    expect(word().words[0]).toBe(7n);
  });

  it("by no route where each is refused, which is told of each", () => {
    expect(loadCode(refusing({ memfd_create: -1, mmap: -1n }), sevens())).toBe(
      "generated code cannot be made executable here (memfd: memfd_create is refused; mapped: mmap is refused)",
    );
    expect(loadCode(refusing({ fcntl: -1, mprotect: -1 }), sevens())).toBe(
      "generated code cannot be made executable here (memfd: the file cannot be sealed; mapped: mprotect is refused)",
    );
  });
});

/** Stores 7 at the address that it is called with. */
function sevens() {
  const a = new Assembler();
  a.entry("seven");
  a.movImmediate(rax, 7);
  a.store(at(rdi), rax);
  a.ret();
  return a.finish();
}

/** `node:ffi` in which functions of libc answer what is given by their names, and no library is loaded if `path` says why. */
function refusing(answers: Readonly<Record<string, unknown>>): Ffi {
  const real = ffiOrThrow();
  return {
    getRawPointer: (of) => real.getRawPointer(of),
    toBuffer: (address, bytes, copy) => real.toBuffer(address, bytes, copy),
    DynamicLibrary: class implements Library {
      readonly #library: Library;
      constructor(path: string | null) {
        if (path !== null && "path" in answers) throw new Error(String(answers.path));
        this.#library = new real.DynamicLibrary(path);
      }
      getFunction(name: string, signature: Parameters<Library["getFunction"]>[1]) {
        const found = this.#library.getFunction(name, signature);
        return name in answers ? () => answers[name] : found;
      }
    },
  };
}
