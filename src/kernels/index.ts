import { js, jsRecurrent } from "./js/index.ts";
import type { Kernel } from "./kernel.ts";
import { wasm } from "./wasm/index.ts";

/** The built-in kernels, best first: `auto` takes the first that supports the task. */
export const kernels: readonly Kernel[] = [js, jsRecurrent, wasm];
