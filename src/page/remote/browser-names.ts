import { unknownName } from "../../core/errors.ts";

/** How playwright-core knows a browser. */
export interface BrowserKind {
  readonly name: string;
  readonly engine: "chromium" | "firefox" | "webkit";
  /** A browser that is found where its maker installs it. */
  readonly channel?: "chrome" | "msedge";
  /** Names of its program on the path. */
  readonly programs: readonly string[];
  /** Words that it needs to have WebGPU without a window. */
  readonly words: readonly string[];
}

const chromiumWords = ["--enable-unsafe-webgpu"];

const kinds: readonly BrowserKind[] = [
  {
    name: "chromium",
    engine: "chromium",
    programs: ["chromium", "chromium-browser"],
    words: chromiumWords,
  },
  { name: "chrome", engine: "chromium", channel: "chrome", programs: [], words: chromiumWords },
  { name: "msedge", engine: "chromium", channel: "msedge", programs: [], words: chromiumWords },
  // Playwright drives its own builds of these two alone.
  { name: "firefox", engine: "firefox", programs: [], words: [] },
  { name: "webkit", engine: "webkit", programs: [], words: [] },
];

/** The browser that `--browser` names. */
export function browserNamed(name: string): BrowserKind {
  const known = kinds.find((kind) => kind.name === name.trim());
  if (known !== undefined) return known;
  throw unknownName(
    "browser",
    name,
    kinds.map((kind) => kind.name),
  );
}
