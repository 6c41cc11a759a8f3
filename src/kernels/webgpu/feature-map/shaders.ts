import type { RowTensor } from "../wgsl/rows.ts";
import type { MapPlan } from "./plan.ts";
import type { StateLayout } from "./state-layout.ts";

/** What shaders are made for: widths, how rows lie, and how many blocks of 64 columns of v are taken together. */
export interface FeatureShaders {
  readonly map: MapPlan;
  readonly queries: Omit<RowTensor, "name" | "binding">;
  readonly keys: Omit<RowTensor, "name" | "binding">;
  readonly values: Omit<RowTensor, "name" | "binding">;
  readonly state: StateLayout;
  readonly causal: boolean;
  readonly blocks: 1 | 2;
}
