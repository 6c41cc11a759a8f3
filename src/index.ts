/**
 * The public surface: what a plug-in needs to supply variants, kernels and kinds, and what the commands do,
 * for programs. A plug-in is a module that exports `variants`, `kernels` or both, and `kinds` if it brings any.
 */

export type { Comparison } from "./compare/comparison.ts";
export type { Choice, ChoiceSpec, ChoiceSpecs } from "./core/choice.ts";
export type { Dtype } from "./core/dtype.ts";
export { FailureError, UsageError } from "./core/errors.ts";
export type { Mechanism } from "./core/mechanism.ts";
export { choice, flag, int, optionalInt, type Parameter, real, text } from "./core/parameters.ts";
export type { BoundPattern, Intervals, Pattern, PatternContext } from "./core/pattern.ts";
export type { Problem, Task } from "./core/problem.ts";
export {
  elementCount,
  kvHeadOf,
  type Layout,
  layoutOf,
  offsetIn,
  rowOffset,
  type Shape,
  type ShapeFreedom,
} from "./core/shape.ts";
export type { Quantity, TableRow } from "./core/table-one.ts";
export type { TensorSpec, TensorSpecs } from "./core/tensor-spec.ts";
export type { AttentionInputs, NamedInputs } from "./core/tensors.ts";
export type { Variant } from "./core/variant.ts";
export { type Declaration, declareVariant } from "./core/variant.ts";
export { compileSchedule } from "./kernels/compile-schedule.ts";
export { compileDecode, type DecodeSchedule } from "./kernels/decode/compile-decode.ts";
export { serveKernels } from "./kernels/external/child/serve-kernels.ts";
export type {
  ServedCall,
  ServedCase,
  ServedKernel,
  ServedParts,
  ServedProgram,
  ServedRun,
} from "./kernels/external/child/served-kernel.ts";
export type { ListedPattern } from "./kernels/external/child/shared-tensors.ts";
export { type ExternalKernel, externalKernel } from "./kernels/external/plugin-kernel.ts";
export { GUARD, guardedOutput, type Kernel, type OwnTime, type Runnable } from "./kernels/kernel.ts";
export type { Schedule, TileSizes } from "./kernels/schedule.ts";
export { type CallParts, simpleKernel } from "./kernels/simple-kernel.ts";
export type { DecodeKernel, Stepper, Token } from "./kernels/stepper.ts";
export type { CheckOptions } from "./library/check.ts";
export type { CompareOptions } from "./library/compare.ts";
export type { GateOptions } from "./library/gate.ts";
export { check, compare, gate, plan, readResults, report, run } from "./library/index.ts";
export type { PlanChoices } from "./library/plan-options.ts";
export type { ReportOptions } from "./library/report.ts";
export type { ReadRun, ResultsSource } from "./library/results.ts";
export type { PlanOptions, RunOptions } from "./library/run.ts";
export { type Feature, type FeatureMap, featureMap, isFeatureMap } from "./mechanisms/feature-map/declare.ts";
export type { Kind } from "./mechanisms/kind.ts";
export {
  choiceSpecs,
  isSelection,
  type Rule,
  type Selection,
  selection,
} from "./mechanisms/selection/declare.ts";
export { type HeadProblem, type SimpleKind, simpleKind } from "./mechanisms/simple-kind.ts";
export {
  isSoftmaxPattern,
  type SoftmaxPattern,
  scaleOf,
  softmaxPattern,
} from "./mechanisms/softmax-pattern/declare.ts";
export { type Axis, axisCells, axisWindow } from "./pattern/axis.ts";
export { band, everything } from "./pattern/band.ts";
export { bindHeads } from "./pattern/bind.ts";
export { blockBand } from "./pattern/block-band.ts";
export { byHead } from "./pattern/by-head.ts";
export { causal } from "./pattern/causal.ts";
export { columns } from "./pattern/columns.ts";
export { comb } from "./pattern/comb.ts";
export { drawnEdges, edges } from "./pattern/edges.ts";
export { firstTokens } from "./pattern/first-tokens.ts";
export { globalBlocks } from "./pattern/global-blocks.ts";
export { globalTokens } from "./pattern/global-tokens.ts";
export { grid } from "./pattern/grid.ts";
export { ofImage } from "./pattern/of-image.ts";
export { powersOfTwo } from "./pattern/powers-of-two.ts";
export { randomBlocks } from "./pattern/random-blocks.ts";
export { segments } from "./pattern/segments.ts";
export { union } from "./pattern/union.ts";
export type { PluginExports } from "./plugins/plugin-exports.ts";
export type { CaseRow } from "./record/case-row.ts";
export type { CaseLine, Plan, ResultLine, RoundLine, RunLine } from "./record/schema/result-lines.ts";
export type { CheckResult } from "./verify/check.ts";
