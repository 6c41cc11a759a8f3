/** TensorFlow.js by TensorFlow's C library. */
import process from "node:process";
import util from "node:util";
import { serveKernels } from "../child/serve-kernels.ts";
import { installed } from "./installed.ts";
import { attentionBy, overHeads, type Tensorflow } from "./tfjs.ts";

// TensorFlow makes its threads when it is loaded, before a case says how many it has.
process.env.TF_NUM_INTRAOP_THREADS ??= "1";
const { TF_NUM_INTRAOP_THREADS: threads } = process.env;

// Its version 4.22 calls this function in every operation, and Node has it no more since version 23.
const lacks = !("isNullOrUndefined" in util);
if (lacks)
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value === undefined || value === null });

const tf = installed("@tensorflow/tfjs-node") as Tensorflow;
if (!(await tf.setBackend("tensorflow"))) throw new Error("the backend tensorflow does not start");

const title = "TensorFlow.js, TensorFlow's C library";
const backend = { id: "tfjs-node", title, threads: Number(threads), why: "set TF_NUM_INTRAOP_THREADS" };
await serveKernels([attentionBy(tf, backend, overHeads)], {
  name: "TensorFlow.js for Node",
  details: {
    tfjs: tf.version["tfjs-core"] ?? "unknown",
    backend: "tensorflow",
    ...(lacks && { "util.isNullOrUndefined": "given to it, Node has it no more" }),
    "threads by": `TF_NUM_INTRAOP_THREADS ${threads}`,
  },
});
