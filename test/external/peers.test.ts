import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it, test, vi } from "vitest";
import { peers } from "../../src/commands/peers.ts";
import {
  installLine,
  PEERS,
  peerOf,
  peerWith,
  programOfPeer,
  usualPython,
} from "../../src/kernels/external/peers.ts";
import { commandOf } from "../../src/kernels/external/program-spec.ts";
import { builtInKernels } from "../../src/kernels/index.ts";
import { loadCatalogue } from "../../src/library/catalogue.ts";
import { chosenKernels, peersAgain, pluginsWith } from "../../src/library/kernel-choice.ts";
import { findPeers } from "../../src/library/peers.ts";
import { fakeIo } from "../commands/fake-io.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "attnbench-test-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A program in the place of Python, which is given the file of a peer. */
function pythonThat(name: string, code: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!${process.execPath}\n${code}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** One that has no PyTorch. */
const withoutTorch = () =>
  pythonThat(
    "without-torch",
    `process.stderr.write("Traceback\\nModuleNotFoundError: No module named 'torch'\\n"); process.exitCode = 1;`,
  );

/** One that answers `hello` with kernels of these ids, and how it was started. */
const withKernels = (...ids: readonly string[]) =>
  pythonThat(
    `with-${ids.length}-${ids[0]}`,
    `require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { id } = JSON.parse(line);
  const details = { file: process.argv[2], spins: process.env.GOMP_SPINCOUNT, isa: String(process.env.MKL_ENABLE_INSTRUCTIONS), torch: "2.13.0+cpu", python: "CPython 3.11.2", clock: "1980 MHz" };
  const kernels = ${JSON.stringify(ids)}.map((name) => ({ id: name }));
  console.log(JSON.stringify({ id, ok: { protocol: 1, name: "fake", clock: "none", details, kernels } }));
});`,
  );

const onUnix = describe.skipIf(process.platform === "win32");

describe("the table of peers", () => {
  test("names, and ids of kernels, are there once, and no kernel of attnbench's own has one of them", () => {
    const names = PEERS.map(({ id }) => id);
    expect(new Set(names).size).toBe(names.length);
    const kernels = [...PEERS.flatMap((one) => one.kernels), ...builtInKernels("auto").map(({ id }) => id)];
    expect(new Set(kernels).size).toBe(kernels.length);
    for (const id of [...names, ...kernels]) expect(id).toMatch(/^[a-z][a-z0-9-]{0,39}$/);
  });

  test.each(PEERS.map(({ id }) => [id]))("%s has its file, and what installs it in one line", (id) => {
    const name = `peer:${id}`;
    const [, file] = programOfPeer(name).words;
    expect(existsSync(file)).toBe(true);
    expect(installLine(name)).toMatch(/^\S+ -m pip install \S+|^npm install \S+/);
    expect(installLine(name)).not.toContain("\n");
  });

  test("a setting is a peer of its own: other variables, and a suffix to the same ids", () => {
    const [plain, wide] = ["torch-flash", "torch-flash-512"].map(peerWith);
    expect(plain?.file).toBe(wide?.file);
    expect(wide?.env).toMatchObject({ MKL_ENABLE_INSTRUCTIONS: "AVX512" });
    expect(wide?.kernels.filter((kernel) => !kernel.endsWith("-512"))).toEqual([]);
    expect(wide?.suffix).toBe("-512");
  });

  it("refuses a name that is none, and lists those that there are", () => {
    expect(() => peerOf("peer:numpy")).toThrow("must be a peer, one of pytorch, pytorch-512");
  });

  test("its Python is the one named, or that of ATTNBENCH_PYTHON, or the usual one", () => {
    expect(programOfPeer("peer:pytorch@/a b/python3").words[0]).toBe("/a b/python3");
    vi.stubEnv("ATTNBENCH_PYTHON", "/opt/python3");
    expect(programOfPeer("peer:pytorch").words[0]).toBe("/opt/python3");
    vi.stubEnv("ATTNBENCH_PYTHON", "");
    expect(programOfPeer("peer:pytorch").words[0]).toBe(usualPython());
    vi.unstubAllEnvs();
  });

  test("threads that wait are told to sleep, unless the user says otherwise", () => {
    const spins = () => commandOf("peer:pytorch", "").env?.GOMP_SPINCOUNT;
    expect(spins()).toBe("50000");
    vi.stubEnv("GOMP_SPINCOUNT", "7");
    expect(spins()).toBeUndefined();
    vi.unstubAllEnvs();
  });
});

describe("kernels by their ids", () => {
  test("the id of a peer's kernel brings its program, once, and others bring none", () => {
    expect(pluginsWith({ kernel: "wasm,torch-flash,torch-mask,hf-bigbird" })).toEqual([
      "peer:pytorch",
      "peer:huggingface",
    ]);
    expect(pluginsWith({ kernel: "wasm,js" })).toEqual([]);
    expect(pluginsWith({ kernel: "torch-flash", plugins: ["peer:pytorch"] })).toEqual(["peer:pytorch"]);
  });

  test("a Python that is named runs peers and files in Python, and no other program", () => {
    const kernel = `torch-flash,mine.py,exec:"ruby a.rb"`;
    expect(pluginsWith({ kernel, python: "/p" })).toEqual([
      "peer:pytorch@/p",
      `exec:{"command":["/p","-m","attnbench_kernel","mine.py"]}`,
      `exec:"ruby a.rb"`,
    ]);
  });

  test("a results file says which peers, and not what is started", () => {
    const recorded = ["peer:pytorch@/evil/python", "mine.ts", "exec:rm", "peer:pytorch"];
    expect(peersAgain(recorded, undefined)).toEqual(["peer:pytorch"]);
    expect(peersAgain(recorded, "/p")).toEqual(["peer:pytorch@/p"]);
  });

  onUnix("with a program in the place of Python", () => {
    test("of what a peer brings only what was named is chosen; the suffix of a setting is part of it", async () => {
      const options = {
        kernel: "wasm,torch-flash,torch-mask-512",
        python: withKernels("torch-flash", "torch-mask"),
      };
      const catalogue = await loadCatalogue(pluginsWith(options), "auto");
      try {
        const chosen = chosenKernels(options, catalogue);
        const ids = chosen === "auto" ? [] : chosen.map(({ id }) => id);
        expect(ids).toEqual(["wasm", "torch-flash", "torch-mask-512"]);
        const wide = catalogue.kernels.find(({ id }) => id === "torch-mask-512")?.details?.();
        expect(wide).toContain("isa AVX512");
        expect(wide).toContain("pytorch.py");
        // Another version of the library is other code, and another clock is not.
        for (const { code } of catalogue.plugins) {
          const told = Object.entries(code).filter(([name]) => name.startsWith("told:"));
          expect(told).toEqual([
            ["told:torch", "2.13.0+cpu"],
            ["told:python", "CPython 3.11.2"],
          ]);
        }
        expect(() => chosenKernels({ ...options, kernel: "torch-flex" }, catalogue)).toThrow(/torch-flex/);
      } finally {
        await catalogue.close();
      }
    });

    test("a program of many kernels is ended once, and Node warns of nothing", async () => {
      const warned: string[] = [];
      const keep = ({ message }: Error) => void warned.push(message);
      process.on("warning", keep);
      const python = withKernels(...PEERS[0].kernels.slice(0, 12));
      const catalogue = await loadCatalogue(pluginsWith({ kernel: "torch-flash", python }), "auto");
      await catalogue.close();
      await new Promise((resolve) => setImmediate(resolve));
      process.off("warning", keep);
      expect(warned).toEqual([]);
    });

    test("a Python without PyTorch is one line that says what to type", async () => {
      const python = withoutTorch();
      await expect(loadCatalogue(pluginsWith({ kernel: "torch-flash", python }), "auto")).rejects.toThrow(
        `PyTorch needs torch, which ${python} does not have; ${python} -m pip install torch numpy, or name a Python that has torch, numpy by --python or ATTNBENCH_PYTHON`,
      );
    });

    test("no Python is one line", async () => {
      const python = join(folder, "nowhere");
      await expect(loadCatalogue(pluginsWith({ kernel: "torch-flash", python }), "auto")).rejects.toThrow(
        `PyTorch needs Python, and ${python} cannot be started; name one by --python or ATTNBENCH_PYTHON`,
      );
    });
  });
});

onUnix("attnbench peers", () => {
  it("says of each why it does not run, and how it is installed, and is no failure", async () => {
    const io = fakeIo();
    const python = withoutTorch();
    expect(await peers({ python, json: false }, io)).toBe(0);
    for (const { id } of PEERS) expect(io.stdout()).toContain(`${id}: `);
    expect(io.stderr()).toBe("");
    expect(io.stdout().match(/does not run here/g)).toHaveLength(PEERS.length);
    expect(io.stdout()).toContain(`install: ${python} -m pip install torch numpy torch-geometric`);
  });

  it("tells the kernels that are here, as JSON with all that the program told", async () => {
    const io = fakeIo();
    await peers({ python: withKernels("torch-flash"), json: true }, io);
    const { peers: found } = JSON.parse(io.stdout()) as {
      peers: { id: string; here: unknown; details: unknown }[];
    };
    expect(found[1]).toMatchObject({
      id: "pytorch-512",
      here: [{ id: "torch-flash-512", title: "torch-flash-512", device: "cpu" }],
      details: { spins: "50000", isa: "AVX512" },
      why: null,
    });
  });
});

/** Importing six libraries takes half a minute: here, for a Python that somebody names. */
const python = process.env.ATTNBENCH_PYTHON ?? null;
if (python === null) console.log("peers are not started: name a Python with PyTorch by ATTNBENCH_PYTHON");

describe.skipIf(python === null)("peers with their libraries", () => {
  test("each brings kernels of the table alone, and all but those of a GPU that is not here", async () => {
    let ran = 0;
    for await (const { id, why, here, kernels } of findPeers({ python: python ?? undefined })) {
      if (why !== null) {
        expect(why).toMatch(/needs \S+, which .* does not have/);
        console.log(`not here: ${id}: ${why}`);
        continue;
      }
      ran++;
      const found = here.map((kernel) => kernel.id);
      const onGpu = found.some((kernel) => kernel.endsWith("-cuda"));
      expect(kernels).toEqual(expect.arrayContaining(found));
      const usual = kernels.filter((kernel) => onGpu || !kernel.endsWith("-cuda"));
      expect(found, id).toEqual(expect.arrayContaining(usual));
    }
    expect(ran).toBeGreaterThan(0);
  });
});
