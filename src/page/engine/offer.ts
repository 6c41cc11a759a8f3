import { familyOf } from "../../core/family.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import { isUsual } from "../../library/settings.ts";
import { embedded } from "../../platform/browser/embedded.ts";
import { CLOCK_STEP_S, leastSample } from "../../platform/clock-step.ts";
import { platform } from "../../platform/here.ts";
import type { Catalogue } from "../../plugins/load-plugin.ts";
import type { Offer } from "../protocol.ts";

const COARSE = "a finer clock is there for isolated pages alone: open the one that attnbench page serves";

/** What can be measured in this browser. */
export function offerOf({ variants, kernels }: Catalogue): Offer {
  const noThreads = platform.whyNoThreads();
  return {
    version: embedded.version,
    variants: variants.map((one) => ({
      id: one.id,
      title: one.title,
      family: familyOf(one).id,
      usual: isUsual(one),
    })),
    kernels: kernels.map(offeredKernel),
    clock: {
      step_s: CLOCK_STEP_S,
      leastSlot_s: leastSample(),
      isolated: globalThis.crossOriginIsolated,
    },
    lacks: [...(noThreads === null ? [] : [noThreads]), ...(globalThis.crossOriginIsolated ? [] : [COARSE])],
  };
}

function offeredKernel({ id, title, details, unavailable }: Kernel): Offer["kernels"][number] {
  return { id, title, details: details?.() ?? null, why: unavailable?.() ?? null };
}
