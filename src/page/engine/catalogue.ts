import { variants } from "../../../variants/index.ts";
import { js, jsRecurrent, jsSorted } from "../../kernels/js/index.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import { openKernels } from "../../kernels/open-kernels.ts";
import { createWasm } from "../../kernels/wasm/index.ts";
import { builtInKinds } from "../../mechanisms/kinds.ts";
import type { Catalogue } from "../../plugins/load-plugin.ts";

/** The built-in variants, and the kernels that a browser can run. */
export type BrowserCatalogue = Catalogue;

/** Kernels best first, as `auto` takes them. */
export async function openCatalogue(): Promise<BrowserCatalogue> {
  const kernels: readonly Kernel[] = [createWasm("auto"), js, jsRecurrent, jsSorted];
  return { variants, kinds: builtInKinds, kernels: await openKernels(kernels) };
}
