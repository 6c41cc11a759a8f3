import type { Spec } from "vega";
import type { TopLevelSpec } from "vega-lite";
import { FailureError } from "../core/errors.ts";
import { textWidth } from "../text/text-width.ts";
import { darkSvg } from "./looks/dark-look.ts";
import { paperSvg } from "./looks/paper-look.ts";
import type { PictureLook } from "./looks/picture-look.ts";

/**
 * Draws a Vega-Lite chart as SVG text: no canvas, no browser, no network. The same specification gives the
 * same bytes. `onWarning` receives what Vega would have logged to the console.
 */
export async function renderSvg(
  spec: TopLevelSpec,
  onWarning: (message: string) => void = () => {},
  look: PictureLook = "page",
): Promise<string> {
  // Loaded here because the two take most of a second, for which no other command should wait.
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  measureText(vega);
  const logger = quietLogger(onWarning);
  const draw = async (chart: Spec) => {
    const view = new vega.View(vega.parse(chart), { renderer: "none", loader: offlineLoader, logger });
    try {
      return await view.toSVG();
    } finally {
      view.finalize();
    }
  };
  const compiled = compile(spec, { logger }).spec;
  switch (look) {
    case "page":
      return draw(compiled);
    case "dark":
      return darkSvg(await draw(compiled));
    case "paper":
      return paperSvg(compiled, draw);
    default:
      return look satisfies never;
  }
}

/** Vega's own hook for this, which its types omit. */
function measureText(vega: object): void {
  const { textMetrics } = vega as {
    textMetrics: { width(item: { fontSize?: number }, text: unknown): number };
  };
  textMetrics.width = ({ fontSize }, text) => textWidth(String(text ?? ""), fontSize ?? 11);
}

const offlineLoader = {
  load: refuse,
  sanitize: refuse,
  http: refuse,
  file: refuse,
  options: {},
};

function refuse(address: string): never {
  throw new FailureError(`chart: the data must lie in the chart itself, got the address '${address}'`);
}

/** A logger for Vega and Vega-Lite that passes on their warnings, and is silent otherwise. */
export function quietLogger(onWarning: (message: string) => void) {
  let level = 0;
  const logger = {
    level(value?: number) {
      if (value === undefined) return level;
      level = value;
      return logger;
    },
    error: report,
    warn: report,
    info: () => logger,
    debug: () => logger,
  };
  function report(...parts: readonly unknown[]) {
    onWarning(parts.map(String).join(" "));
    return logger;
  }
  return logger;
}
