/**
 * TensorFlow.js by its WebAssembly backend, which in Node has one thread. It multiplies fast (by XNNPACK) only where there is one
 * pair of matrices and neither is to be read as transposed: so there is a kernel that asks for nothing else.
 */
import { serveKernels } from "../child/serve-kernels.ts";
import { installed } from "./installed.ts";
import { attentionBy, headByHead, overHeads, type Tensorflow } from "./tfjs.ts";

const tf = installed("@tensorflow/tfjs") as Tensorflow;
const { version_wasm: version } = installed("@tensorflow/tfjs-backend-wasm") as { version_wasm?: string };
if (!(await tf.setBackend("wasm"))) throw new Error("the backend wasm does not start");

const title = "TensorFlow.js, wasm backend";
const backend = { id: "tfjs-wasm", title, threads: 1, why: "in Node its backend has no more" };
const byHead = { ...backend, id: "tfjs-wasm-by-head", title: `${title}, head by head, keys transposed` };
await serveKernels([attentionBy(tf, backend, overHeads), attentionBy(tf, byHead, headByHead)], {
  name: "TensorFlow.js",
  details: { tfjs: tf.version["tfjs-core"] ?? "unknown", backend: `wasm ${version ?? "unknown"}` },
});
