import { extname, join } from "node:path";
import process from "node:process";
import { printable, UsageError } from "../../core/errors.ts";
import type { ExternalProgram } from "./program-spec.ts";

/** A program that comes with attnbench and brings the kernels of another library. */
export interface Peer {
  /** Its name after `peer:`. */
  readonly id: string;
  /** What it brings, for people. */
  readonly library: string;
  /** What runs it. */
  readonly runtime: "python" | "node";
  /** In the folder `peers`; of one that Node runs without `.ts` or `.js`, which it is where it is compiled. */
  readonly file: string;
  /** Packages that it needs, as pip or npm are asked for them. */
  readonly packages: readonly string[];
  /** The kernels that it brings on some machine; those of a GPU only where there is one. */
  readonly kernels: readonly string[];
  /** What stands after the ids that its file gives its kernels; nothing if omitted. */
  readonly suffix?: string;
  /** Variables of its environment that this peer is: a setting by its name. */
  readonly env?: Readonly<Record<string, string>>;
}

const PREFIX = "peer:";

/**
 * Variables that programs in Python are started with, unless the user has set them. Threads that wait in vain for the next
 * parallel region take the processor from who is measured next: OpenMP's libraries let them for some 6 ms (GNU) and 200 ms
 * (Intel and LLVM), and these for about 1 ms. With none at all, short parallel regions that follow one another take twice as
 * long as in a program of the user's own. Compilers start no pool of processes, and nothing is fetched from elsewhere.
 */
const USUAL_ENV = {
  GOMP_SPINCOUNT: "50000",
  KMP_BLOCKTIME: "1",
  TORCHINDUCTOR_COMPILE_THREADS: "1",
  TOKENIZERS_PARALLELISM: "false",
  HF_HUB_OFFLINE: "1",
} as const;

const ON_CPU = ["torch-math", "torch-flash", "torch-mask", "torch-einsum-linear"] as const;
const COMPILED = ["torch-compile-mask", "torch-flex", "torch-compile-linear"] as const;
const RECURRENCES = ["simple-gla", "gla", "delta", "gated-delta", "kda", "rwkv6", "rwkv7"];
const LAYERS = ["hf-longformer", "hf-bigbird", "hf-bigbird-inference"];
const GRAPHS = ["pyg-transformer-conv", "pyg-gat-conv", "pyg-gatv2-conv"];

const pytorch = {
  library: "PyTorch",
  runtime: "python",
  file: "pytorch.py",
  packages: ["torch", "numpy"],
} as const;

/** All of them. */
export const PEERS: readonly Peer[] = [
  {
    ...pytorch,
    id: "pytorch",
    kernels: alsoOnCuda([...ON_CPU, ...COMPILED], ["torch-efficient-cuda", "torch-cudnn-cuda"]),
  },
  {
    ...pytorch,
    id: "pytorch-512",
    library: "PyTorch, MKL told to use 512 bits",
    suffix: "-512",
    kernels: withSuffix([...ON_CPU, ...COMPILED], "-512"),
    env: { ATTNBENCH_MKL_AS_INTEL: "1", MKL_ENABLE_INSTRUCTIONS: "AVX512" },
  },
  {
    ...pytorch,
    id: "pytorch-256",
    library: "PyTorch, held to 256 bits",
    suffix: "-256",
    kernels: withSuffix([...ON_CPU, ...COMPILED], "-256"),
    env: {
      ATTNBENCH_MKL_AS_INTEL: "1",
      MKL_ENABLE_INSTRUCTIONS: "AVX2",
      ONEDNN_MAX_CPU_ISA: "AVX2",
      ATEN_CPU_CAPABILITY: "avx2",
    },
  },
  {
    id: "flash-linear-attention",
    library: "flash-linear-attention",
    runtime: "python",
    file: "flash_linear_attention.py",
    // It imports Triton, with which PyTorch for processors does not come.
    packages: ["torch", "numpy", "flash-linear-attention", "triton"],
    kernels: [
      "fla-naive-retention",
      ...RECURRENCES.map((name) => `fla-recurrent-${name}`),
      ...RECURRENCES.filter((name) => name !== "gla").map((name) => `fla-chunk-${name}`),
      ...["retention", ...RECURRENCES].map((name) => `fla-${name}-cuda`),
    ],
  },
  {
    id: "huggingface",
    library: "Hugging Face transformers",
    runtime: "python",
    file: "huggingface.py",
    packages: ["torch", "numpy", "transformers"],
    kernels: alsoOnCuda(LAYERS),
  },
  {
    id: "geometric",
    library: "PyTorch Geometric",
    runtime: "python",
    file: "geometric.py",
    packages: ["torch", "numpy", "torch-geometric"],
    kernels: alsoOnCuda(GRAPHS),
  },
  {
    id: "onnxruntime",
    library: "ONNX Runtime",
    runtime: "node",
    file: "onnxruntime",
    packages: ["onnxruntime-node"],
    kernels: ["onnx-mha", "onnx-mha-mask", "onnx-gqa"],
  },
  {
    id: "tfjs-wasm",
    library: "TensorFlow.js, wasm backend",
    runtime: "node",
    file: "tfjs-wasm",
    packages: ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"],
    kernels: ["tfjs-wasm", "tfjs-wasm-by-head"],
  },
  {
    id: "tfjs-node",
    library: "TensorFlow.js, TensorFlow's C library",
    runtime: "node",
    file: "tfjs-node",
    packages: ["@tensorflow/tfjs-node"],
    kernels: ["tfjs-node"],
  },
];

function alsoOnCuda(ids: readonly string[], only: readonly string[] = []): string[] {
  return [...ids, ...withSuffix(ids, "-cuda"), ...only];
}

function withSuffix(ids: readonly string[], suffix: string): string[] {
  return ids.map((id) => `${id}${suffix}`);
}

/** The peer that brings a kernel; undefined if none does. */
export function peerWith(kernel: string): Peer | undefined {
  return PEERS.find(({ kernels }) => kernels.includes(kernel));
}

/** The name under which a peer is loaded, such as `peer:pytorch`; by a Python of its own, `peer:pytorch@/opt/python3`. */
export function peerName({ id, runtime }: Peer, python?: string): string {
  return `${PREFIX}${id}${python === undefined || runtime === "node" ? "" : `@${python}`}`;
}

/** Whether a name is that of a peer. */
export function namesPeer(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** The peer of a name. Refuses one that there is not. */
export function peerOf(name: string): Peer {
  const [id] = name.slice(PREFIX.length).split("@", 1);
  const peer = PEERS.find((one) => one.id === id);
  if (peer !== undefined) return peer;
  throw new UsageError(
    `${printable(name, 60)}: must be a peer, one of ${PEERS.map((one) => one.id).join(", ")}; see attnbench peers`,
  );
}

/** The Python of a peer's name, or else the usual one. */
function pythonOf(name: string): string {
  const at = name.indexOf("@");
  return at < 0 || at === name.length - 1 ? usualPython() : name.slice(at + 1);
}

/** How Python is called where nothing else is named: what ATTNBENCH_PYTHON says, or the one that is on the path. */
export function usualPython(): string {
  const named = process.env.ATTNBENCH_PYTHON;
  if (named !== undefined && named !== "") return named;
  return process.platform === "win32" ? "python" : "python3";
}

/** How the peer of a name is started. Refuses one that there is not. */
export function programOfPeer(name: string): ExternalProgram & { readonly words: readonly string[] } {
  const { file, runtime, env = {} } = peerOf(name);
  const path = join(import.meta.dirname, "peers", file);
  if (runtime === "node") {
    const words = [process.execPath, `${path}${extname(import.meta.filename)}`];
    return { command: words, words, env };
  }
  const words = [pythonOf(name), path];
  const unset = Object.entries(USUAL_ENV).filter(([variable]) => process.env[variable] === undefined);
  return { command: words, words, env: { ...Object.fromEntries(unset), ...env } };
}

/** What is to be typed for a peer to run here. */
export function installLine(name: string): string {
  const { packages, runtime } = peerOf(name);
  if (runtime === "node") return `npm install ${packages.join(" ")}`;
  return `${pythonOf(name)} -m pip install ${packages.join(" ")}`;
}

/**
 * Why the peer of a name does not run here, in the place of what its program said: which of its packages, or which Python, is
 * missing, and what to type. What is something else is told as it is.
 */
export function whyNoPeer(name: string, said: string): string {
  const { library, packages, runtime } = peerOf(name);
  if (runtime === "node") return whyNotInNode(name, said);
  const python = pythonOf(name);
  const [, missing] = /No module named '([\w.]+)'/.exec(said) ?? [];
  if (missing !== undefined) {
    return `${library} needs ${missing}, which ${printable(python, 80)} does not have; ${installLine(name)}, or name a Python that has ${packages.join(", ")} by --python or ATTNBENCH_PYTHON`;
  }
  if (/cannot be started/.test(said)) {
    return `${library} needs Python, and ${printable(python, 80)} cannot be started; name one by --python or ATTNBENCH_PYTHON`;
  }
  return said;
}

function whyNotInNode(name: string, said: string): string {
  const [, missing] = /Cannot find module '([^']+)'/.exec(said) ?? [];
  if (missing === undefined) return said;
  return `${peerOf(name).library} needs ${missing}, which ${printable(process.cwd(), 200)} does not have; ${installLine(name)}`;
}
