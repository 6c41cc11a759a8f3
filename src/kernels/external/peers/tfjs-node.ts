/** TensorFlow.js by TensorFlow's C library. */
import process from "node:process";
import { serveKernels } from "../child/serve-kernels.ts";
import { installed } from "./installed.ts";
import { attentionBy, type Tensorflow } from "./tfjs.ts";

// TensorFlow makes its threads when it is loaded, before a case says how many it has.
process.env.TF_NUM_INTRAOP_THREADS ??= "1";
const { TF_NUM_INTRAOP_THREADS: threads } = process.env;

const tf = installed("@tensorflow/tfjs-node") as Tensorflow;
if (!(await tf.setBackend("tensorflow"))) throw new Error("the backend tensorflow does not start");

const title = "TensorFlow.js, TensorFlow's C library";
const why = "set TF_NUM_INTRAOP_THREADS";
const attention = attentionBy(tf, { id: "tfjs-node", title, threads: Number(threads), why });
await serveKernels([attention], {
  name: "TensorFlow.js for Node",
  details: {
    tfjs: tf.version["tfjs-core"] ?? "unknown",
    backend: "tensorflow",
    "threads by": `TF_NUM_INTRAOP_THREADS ${threads}`,
  },
});
