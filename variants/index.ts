import type { Variant } from "../src/core/variant.ts";
import { bigbird } from "./bigbird.ts";
import { full } from "./full.ts";
import { global } from "./global.ts";
import { linear } from "./linear.ts";
import { local } from "./local.ts";
import { longformer } from "./longformer.ts";
import { stride } from "./stride.ts";

/**
 * The built-in variants, in the order in which they are listed. A new one is a file here and a line below.
 */
export const variants: readonly Variant[] = [full, local, stride, global, longformer, bigbird, linear];
