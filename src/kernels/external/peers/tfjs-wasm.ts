/** TensorFlow.js by its WebAssembly backend, which in Node has one thread. */
import { serveKernels } from "../child/serve-kernels.ts";
import { installed } from "./installed.ts";
import { attentionBy, type Tensorflow } from "./tfjs.ts";

const tf = installed("@tensorflow/tfjs") as Tensorflow;
const { version_wasm: version } = installed("@tensorflow/tfjs-backend-wasm") as { version_wasm?: string };
if (!(await tf.setBackend("wasm"))) throw new Error("the backend wasm does not start");

const title = "TensorFlow.js, wasm backend";
const why = "in Node its backend has no more";
await serveKernels([attentionBy(tf, { id: "tfjs-wasm", title, threads: 1, why })], {
  name: "TensorFlow.js",
  details: { tfjs: tf.version["tfjs-core"] ?? "unknown", backend: `wasm ${version ?? "unknown"}` },
});
