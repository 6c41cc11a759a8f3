import { Worker } from "node:worker_threads";

/**
 * What a browser's worker has that a thread of Node has not, and without what only Node has: the script under test sees a
 * page that is not isolated, so that it starts no threads.
 */
const PRELUDE = `
{
  const { parentPort } = require("node:worker_threads");
  const clock = performance.now.bind(performance);
  globalThis.addEventListener = (type, hear) => {
    if (type === "message") parentPort.on("message", (data) => hear({ data }));
  };
  globalThis.postMessage = (data) => parentPort.postMessage(data);
  globalThis.crossOriginIsolated = false;
  performance.now = () => Math.floor(clock() / 0.1) * 0.1;
  // Node loads it when it is first used, which takes what is deleted here.
  void globalThis.MessageEvent;
  for (const name of ["SharedArrayBuffer", "process", "Buffer", "require", "module", "exports", "global", "setImmediate", "clearImmediate"]) {
    delete globalThis[name];
  }
}
`;
/** A thread's own scope has names that are no properties of the global object. */
const HIDDEN = ["require", "module", "exports", "__filename", "__dirname"];

/** Runs a browser's classic worker script in a thread of Node that shows it nothing of Node. */
export function webWorker(script: string): Worker {
  return new Worker(`${PRELUDE}((${HIDDEN.join(", ")}) => {${script}})();`, { eval: true, stderr: true });
}
