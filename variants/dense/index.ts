import type { Variant } from "../../src/core/variant.ts";
import { full } from "./full.ts";

/** Every query attends every key: what others are compared with. */
export const dense: readonly Variant[] = [full];
