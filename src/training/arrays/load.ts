import { readFileSync } from "node:fs";
import { messageOf } from "../../core/errors.ts";
import { Arrays } from "./arrays.ts";

/** The package that computes arrays and their gradients, an optional peer. */
const PACKAGE = "@jax-js/jax";

/** What it computes with: WebAssembly on the thread that asks, which gives the same numbers every time. */
const DEVICE = "wasm";

/** Code of the error by which Node says that a package is not installed. */
const NOT_FOUND = "ERR_MODULE_NOT_FOUND";

/** Arrays by the package `@jax-js/jax`; why there are none if it is not installed, with what to do. */
export async function loadArrays(): Promise<Arrays | string> {
  let jax: typeof import("@jax-js/jax");
  try {
    jax = await import("@jax-js/jax");
  } catch (thrown) {
    return whyNotImported(thrown);
  }
  try {
    const ready = await jax.init(DEVICE);
    if (!ready.includes(DEVICE))
      return `the package ${PACKAGE} finds no WebAssembly with SIMD; use another Node`;
    jax.defaultDevice(DEVICE);
  } catch (thrown) {
    return `the package ${PACKAGE} does not start, ${messageOf(thrown).split("\n")[0]}; install it again`;
  }
  return new Arrays(jax, `${PACKAGE}${versionText()}`);
}

/** Why a package was not imported. */
export function whyNotImported(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (code === NOT_FOUND) return `the package ${PACKAGE} is not installed; run npm install ${PACKAGE}`;
  return `the package ${PACKAGE} does not load, ${messageOf(thrown).split("\n")[0]}; install it again`;
}

/** The package's version after a space; empty if it cannot be read. It exports its entry alone, in a folder beside. */
function versionText(): string {
  try {
    const manifest = new URL("../package.json", import.meta.resolve(PACKAGE));
    const told: unknown = JSON.parse(readFileSync(manifest, "utf8"));
    const isTold = typeof told === "object" && told !== null && "version" in told;
    return isTold && typeof told.version === "string" ? ` ${told.version}` : "";
  } catch {
    return ""; // a package that is laid out otherwise
  }
}
