import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FailureError, messageOf, printable } from "../../core/errors.ts";
import type { Variant } from "../../core/variant.ts";
import { INTERFACE, OLDEST_INTERFACE, type Simd } from "../../kernels/index.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import { type Named, openKernels, openOnDemand } from "../../kernels/open-kernels.ts";
import { builtInKinds, kindsOf } from "../../mechanisms/kinds.ts";
import { type Catalogue, loadPlugin, type Plugin } from "../../plugins/load-plugin.ts";
import { refuseTaken } from "../../plugins/refuse-taken.ts";

/** Where the code of one side lies. */
export interface SubjectPlace {
  /** The folder that holds `src` and `variants`. */
  readonly root: string;
  /** A plug-in on top of them; null if there is none. */
  readonly module: string | null;
  /** As typed, for messages; the folder if omitted. */
  readonly name?: string;
}

/** The variants and kernels of one side, and which of them a plug-in supplied. */
export interface LoadedSubject extends Catalogue {
  readonly brought: Plugin | null;
  /** Ends what was opened: devices, and programs that were started. */
  close(): Promise<void>;
}

/**
 * Imports one side. All that is asked of another version is `variants` and `builtInKernels(simd)`, and
 * `kernelsOnDemand()` if it has any, of which those are opened that are `named`. A plug-in is loaded anew for each
 * name, so that base, head and base's twin share no state even if they are the same file.
 */
export async function loadSubject(
  place: SubjectPlace,
  simd: Simd,
  name: string,
  named: Named = [],
): Promise<LoadedSubject> {
  const { module } = place;
  const { variants, kernels } = await importCheckout(place, simd, named);
  const closeKernels = async () => {
    await Promise.all(kernels.map((one) => one.close?.()));
  };
  if (module === null) {
    return { variants, kernels, kinds: builtInKinds, brought: null, close: closeKernels };
  }
  try {
    const brought = await loadPlugin(module, name);
    refuseTaken(module, { variants, kernels }, brought);
    return {
      variants: [...variants, ...brought.variants],
      kernels: [...kernels, ...brought.kernels],
      kinds: kindsOf(brought.kinds),
      brought,
      async close() {
        await closeKernels();
        await brought.close?.();
      },
    };
  } catch (thrown) {
    await closeKernels();
    throw thrown;
  }
}

/** Whether kernels of an interface can be measured here. */
function isKnown(spoken: unknown): boolean {
  return typeof spoken === "number" && spoken >= OLDEST_INTERFACE && spoken <= INTERFACE;
}

async function importCheckout(
  { root, name = root }: SubjectPlace,
  simd: Simd,
  named: Named,
): Promise<Omit<Catalogue, "kinds">> {
  const end = existsSync(join(root, "src/kernels/index.ts")) ? ".ts" : ".js";
  const url = (path: string) => pathToFileURL(join(root, path + end)).href;
  let variants: unknown;
  let kernels: unknown;
  let onDemand: unknown = [];
  let spoken: unknown;
  try {
    ({ variants } = (await import(url("variants/index"))) as { variants?: unknown });
    const found = (await import(url("src/kernels/index"))) as {
      builtInKernels?: unknown;
      kernelsOnDemand?: unknown;
      INTERFACE?: unknown;
    };
    spoken = found.INTERFACE ?? 1;
    const { builtInKernels, kernelsOnDemand } = found;
    kernels = typeof builtInKernels === "function" && isKnown(spoken) ? builtInKernels(simd) : undefined;
    if (typeof kernelsOnDemand === "function" && isKnown(spoken)) onDemand = kernelsOnDemand();
  } catch (thrown) {
    throw new FailureError(`${printable(name)}: cannot be loaded, ${messageOf(thrown)}`, { cause: thrown });
  }
  if (!isKnown(spoken)) {
    throw new FailureError(
      `${printable(name)}: its kernels must have interface ${OLDEST_INTERFACE} to ${INTERFACE}, got ${printable(String(spoken), 20)}; two versions across such a change cannot be measured in one process: gate from the commit of the change on`,
    );
  }
  if (!Array.isArray(variants) || !Array.isArray(kernels) || !Array.isArray(onDemand)) {
    throw new FailureError(
      `${printable(name)}: must export variants and builtInKernels, got none; it is of a version that cannot be gated`,
    );
  }
  return {
    variants: variants as readonly Variant[],
    kernels: [
      ...(await openKernels(kernels as readonly Kernel[])),
      ...(await openOnDemand(onDemand as readonly Kernel[], named)),
    ],
  };
}
