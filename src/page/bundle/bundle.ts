import { fileURLToPath } from "node:url";
import { type Plugin, rolldown } from "rolldown";

/** The page's own script. */
export function bundledUi(): Promise<string> {
  return bundled("../ui/start.ts", []);
}

/** The script of the worker that draws reports, to run after Vega's. */
export function bundledLiveReport(): Promise<string> {
  return bundled("../live-report/worker.ts", [interpretedVega]);
}

async function bundled(file: string, plugins: readonly Plugin[]): Promise<string> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL(file, import.meta.url)),
    platform: "browser",
    plugins: [...plugins],
    onLog(_level, { message }) {
      throw new Error(`build:page: ${message}`);
    },
  });
  const { output } = await bundle.generate({ format: "iife", minify: true, codeSplitting: false });
  await bundle.close();
  if (output.length !== 1) throw new Error(`build:page: ${file} must be one script`);
  return output[0].code;
}

const VEGA = "\0vega";

/** Vega as `interpreted-vega.ts` has it, and the little of its tools that Vega-Lite asks it for. */
const interpretedVega: Plugin = {
  name: "interpreted-vega",
  resolveId: (id) => (id === "vega" ? VEGA : null),
  load: (id) =>
    id === VEGA
      ? `export * from ${JSON.stringify(fileURLToPath(new URL("../live-report/interpreted-vega.ts", import.meta.url)))};
export { hasOwnProperty, isObject, isString, stringValue } from "vega-util";`
      : null,
};
