import { variants } from "../../../variants/index.ts";
import { js, jsRecurrent, jsSorted } from "../../kernels/js/index.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import { openKernels } from "../../kernels/open-kernels.ts";
import { createWasm } from "../../kernels/wasm/index.ts";
import type { FindGpu } from "../../kernels/webgpu/gpu/found-gpu.ts";
import { createWebgpu } from "../../kernels/webgpu/index.ts";
import { builtInKinds } from "../../mechanisms/kinds.ts";
import type { Catalogue } from "../../plugins/load-plugin.ts";

/** The built-in variants, and the kernels that a browser can run, best first, as `auto` takes them. */
export async function openCatalogue(): Promise<Catalogue> {
  const kernels: readonly Kernel[] = [
    createWasm("auto"),
    js,
    jsRecurrent,
    jsSorted,
    createWebgpu(findInBrowser),
  ];
  return { variants, kinds: builtInKinds, kernels: await openKernels(kernels) };
}

const findInBrowser: FindGpu = async () => {
  // Types hold it to be everywhere; browsers give it to secure pages, and not all have it.
  const gpu: GPU | undefined = navigator.gpu;
  return gpu === undefined
    ? "this browser has no WebGPU here; open the page in one that has, by https or from this machine"
    : { gpu, implementation: "the browser's", toggles: [] };
};
