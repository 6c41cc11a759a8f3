import { messageOf } from "../../core/errors.ts";
import { openFfi, whyOtherPlatform } from "./call/ffi.ts";
import { FEATURES, identifyProcessor, type Processor } from "./call/processor.ts";
import { nativeSetting, type Setting } from "./call/setting.ts";

/** Why machine code cannot run here. */
export interface Obstacle {
  readonly why: string;
  /** Whether that is what the machine is, which nobody could change. */
  readonly unsuited: boolean;
}

/** The processor that runs it, or what stands in its way: found once a process for each setting. */
export function findProcessor(): Processor | Obstacle {
  const said = nativeSetting();
  if ("fault" in said) return { why: said.fault, unsuited: false };
  const known = found.get(said.setting) ?? find(said.setting);
  found.set(said.setting, known);
  return known;
}

const found = new Map<Setting | null, Processor | Obstacle>();

function find(setting: Setting | null): Processor | Obstacle {
  const platform = whyOtherPlatform();
  if (platform !== null) return { why: platform, unsuited: true };
  if (setting === "off") return { why: "ATTNBENCH_NATIVE switches it off", unsuited: false };
  const ffi = openFfi();
  if (typeof ffi === "string") return { why: ffi, unsuited: false };
  try {
    const processor = identifyProcessor();
    const missing = FEATURES.filter((feature) => {
      return !processor.features[feature] || (setting === "no-avx512" && feature !== "fma");
    });
    if (missing.length === 0) return processor;
    return { why: `the processor has no ${missing.join(", ")}`, unsuited: true };
  } catch (thrown) {
    return { why: messageOf(thrown).replace(/^native: /, ""), unsuited: false };
  }
}
