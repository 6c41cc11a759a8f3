import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Plugin, rolldown } from "rolldown";

/** Parts of Vega that no chart of ours uses: the page is a fifth of Vega smaller without them. */
const UNUSED = new Set(
  ["crossfilter", "force", "geo", "hierarchy", "label", "regression", "voronoi", "wordcloud"].map(
    (part) => `vega-${part}`,
  ),
);

/** The page's own script: one that runs, and leaves no name behind. */
export function bundledPage(): Promise<string> {
  return bundled("start.ts");
}

/**
 * Vega and its interpreter, which stands in for eval, as the global `vega`. A chart that uses a part of Vega that was
 * left out fails.
 */
export async function bundledVega(): Promise<string> {
  return `${vegaNotice()}\n${await bundled("vega.ts", "vega")}`;
}

/** The first line of Vega's bundle: its versions, and what its licence asks for. */
export function vegaNotice(): string {
  return `/* vega ${versionOf("vega")}, vega-interpreter ${versionOf("vega-interpreter")}: Copyright (c) University of Washington Interactive Data Lab, BSD 3-Clause, https://github.com/vega/vega/blob/main/LICENSE */`;
}

async function bundled(file: string, name?: string): Promise<string> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL(`../browser/${file}`, import.meta.url)),
    platform: "browser",
    plugins: [withoutUnused],
    onLog(_level, { message }) {
      throw new Error(`build:report: ${message}`);
    },
  });
  const named = name === undefined ? {} : { name };
  const { output } = await bundle.generate({ format: "iife", minify: true, ...named });
  await bundle.close();
  if (output.length !== 1) throw new Error(`build:report: ${file} must be one script`);
  return output[0].code;
}

const EMPTY = "\0empty";

const withoutUnused: Plugin = {
  name: "without-unused",
  resolveId: (id) => (UNUSED.has(id) ? EMPTY : null),
  load: (id) => (id === EMPTY ? "export {};" : null),
};

function versionOf(name: string): string {
  // Beside the folder of what is exported; it is not exported itself.
  const exported = dirname(createRequire(import.meta.url).resolve(name));
  return JSON.parse(readFileSync(join(exported, "../package.json"), "utf8")).version;
}
