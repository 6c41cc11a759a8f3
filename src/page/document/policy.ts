import { inlineScript, inlineStyle } from "../../report/page/policy.ts";
import { pageStyle } from "../../report/page/style.ts";

type Inline = ReturnType<typeof inlineScript>;

/** What the page's policy allows besides its own script and style. */
interface Framed {
  /** The texts of the scripts that reports have. */
  readonly scripts: readonly string[];
}

/**
 * The page's policy: its script and style and, because a frame that shows a report takes this policy over, those of
 * reports; WebAssembly; workers and frames that the page makes itself; and no request to anywhere.
 */
export function pagePolicy(script: Inline, style: Inline, { scripts }: Framed): string {
  const allowed = [script, ...scripts.map(inlineScript)];
  return [
    "default-src 'none'",
    `script-src 'wasm-unsafe-eval' ${sourcesOf(allowed)}`,
    `style-src ${sourcesOf([style, inlineStyle(pageStyle())])}`,
    "img-src data:",
    "worker-src blob:",
    "frame-src blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function sourcesOf(inlines: readonly Inline[]): string {
  return inlines.map(({ source }) => source).join(" ");
}
