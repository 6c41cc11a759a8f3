import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The files of the page's own script in the order of their imports. They are one script in the page. */
export const ownFiles = [
  "text-width.js",
  "tooltip.js",
  "live-chart.js",
  "figures.js",
  "variant-filter.js",
  "sort-order.js",
  "sortable-table.js",
  "file-choice.js",
  "start.js",
] as const;

/** The page's own script. A browser refuses to import files for a page opened from disk. */
export function ownScript(): string {
  const files = ownFiles.map((name) => {
    const source = readFileSync(new URL(`../browser/${name}`, import.meta.url), "utf8");
    return source.replace(/^import \{[^}]*\} from "\.\/[\w-]+\.js";\n/gm, "").replace(/^export /gm, "");
  });
  return `(() => {\n"use strict";\n${files.join("\n")}})();\n`;
}

/**
 * Vega and its interpreter, which stands in for eval: the global `vega`, with `expressionInterpreter` in it.
 */
export function vegaScripts(): readonly string[] {
  const require = createRequire(import.meta.url);
  // The bundle is not what the package exports, whose own imports a page cannot follow.
  const vega = readFileSync(join(dirname(require.resolve("vega")), "vega.min.js"), "utf8");
  return [vega, interpreterScript(readFileSync(require.resolve("vega-interpreter"), "utf8"))];
}

/** The interpreter's module as a script: what it imports is in Vega's bundle. */
function interpreterScript(source: string): string {
  const imports = /^import \{ ([\w, ]+) \} from 'vega-util';\n/;
  const exports = /\nexport \{ expression as expressionInterpreter \};\n(?:\/\/# sourceMappingURL=.*\s*)?$/;
  const names = imports.exec(source)?.[1];
  if (names === undefined || !exports.test(source)) {
    throw new Error("vega-interpreter: its imports and exports must be those of 2.3; see page-script.ts");
  }
  const body = source.replace(imports, "").replace(exports, "\nvega.expressionInterpreter = expression;\n");
  return `(() => {\n"use strict";\nconst { ${names} } = vega;\n${body}})();\n`;
}
