import { existsSync, realpathSync } from "node:fs";
import { type CallSettings, maskText } from "../core/call-settings.ts";
import { PLAN_DEFAULTS } from "../core/defaults.ts";
import { dtypeField } from "../core/dtype.ts";
import { FailureError, printable, UsageError } from "../core/errors.ts";
import { OPERATIONS } from "../core/operation.ts";
import { OUT, outputCount } from "../core/outputs.ts";
import { countOf, formatShape, MAX_ELEMENTS, type Shape } from "../core/shape.ts";
import { nameInFiles, sizesBy } from "../core/tensor-spec.ts";
import type { InputSource } from "../core/tensors.ts";
import { parameterize } from "../core/variant.ts";
import { refuseUnwritable } from "../files/replace-file.ts";
import { nonFiniteWarnings } from "../input/non-finite.ts";
import { openInput } from "../input/open-input.ts";
import { writeSafetensors } from "../input/write-safetensors.ts";
import { choosable } from "../kernels/choosable.ts";
import { guardedOutput, type Kernel } from "../kernels/kernel.ts";
import { firstSupporting, supportsMode } from "../kernels/supports-mode.ts";
import { asWideAs } from "../library/as-wide.ts";
import { callOf, refuseWhollyMasked } from "../library/call-options.ts";
import { type LoadedCatalogue, loadCatalogue } from "../library/catalogue.ts";
import { parseDtype } from "../library/dtype-option.ts";
import { gateRemarks } from "../library/gate-remarks.ts";
import { allDrawn, declaredIn, heldBy, remarksOn } from "../library/given-inputs.ts";
import { chosenKernels, kernelEntries, pluginsWith } from "../library/kernel-choice.ts";
import { unavailableKernels } from "../library/known-kernels.ts";
import { parseMode } from "../library/mode-option.ts";
import { LIMITS } from "../library/plan-options.ts";
import { chooseVariant } from "../library/settings.ts";
import {
  callShape,
  type Dimensions,
  dimensionsOf,
  longestOf,
  queriesOf,
  usualHeadsRemark,
} from "../library/shape-options.ts";
import { simdOf } from "../library/simd-option.ts";
import { callInputs, takesTokens } from "../mechanisms/call-inputs.ts";
import { givenEdges, paramsBesideEdges, refuseDrawing } from "../mechanisms/given-edges.ts";
import { givenGates } from "../mechanisms/given-gates.ts";
import { gradientName, isGradient } from "../mechanisms/gradient/declare.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import { isLayer, shapeOfHeads } from "../mechanisms/layer/declare.ts";
import { withNamed } from "../mechanisms/named-inputs.ts";
import { outputsOf } from "../mechanisms/outputs.ts";
import { whyUndefined } from "../mechanisms/why-undefined.ts";
import { leastPass } from "../mechanisms/work-of-case.ts";
import { otherYardstick, yardstickOf } from "../mechanisms/yardstick-of.ts";
import { type Fidelity, isWorseThanMean } from "../record/schema/beside-mean.ts";
import { alignmentField, modeField, shapeFields } from "../record/schema/case-task.ts";
import type { Mode, PlannedCase } from "../record/schema/result-lines.ts";
import { rowsOfFull } from "../run/rows-of-full.ts";
import { parseInteger, parseLength } from "../text/units.ts";
import { threadsRemark } from "../verify/call-again.ts";
import { callGreenAgain, type GreenAgain, placeRemark } from "../verify/call-green-again.ts";
import { type DecodedWhole, decodeWhole } from "../verify/decode-whole.ts";
import { discard } from "../verify/discard.ts";
import type { GateResult } from "../verify/expectation.ts";
import { replacedFault } from "../verify/globals.ts";
import { rowsToCheck } from "../verify/gradient-rows.ts";
import { blame, type GateContext, prepareCase, type RedCase } from "../verify/prepare-case.ts";
import { secondKernel } from "../verify/second-opinion.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";

export interface ApplyOptions {
  readonly mode: string | undefined;
  readonly variant: string;
  readonly input: string;
  readonly tensors: string | undefined;
  readonly output: string;
  readonly causal: boolean | undefined;
  readonly scale: string | undefined;
  readonly dtype: string | undefined;
  readonly length: string | undefined;
  readonly batch: string | undefined;
  readonly heads: string | undefined;
  readonly kvHeads: string | undefined;
  readonly headDim: string | undefined;
  readonly valueDim: string | undefined;
  readonly layer: boolean | undefined;
  readonly modelDim: string | undefined;
  readonly positions: string | undefined;
  readonly queries: string | undefined;
  readonly kernel: string | undefined;
  readonly python: string | undefined;
  readonly simd: string | undefined;
  readonly seed: string | undefined;
  readonly settings: readonly string[];
  readonly plugins: readonly string[];
  readonly json: boolean;
}

/** Writes a variant's output on the user's own q, k and v, once it is verified. */
export async function apply(options: ApplyOptions, io: Io): Promise<ExitCode> {
  const catalogue = await loadCatalogue(
    pluginsWith(options),
    simdOf(options.simd),
    kernelEntries(options.kernel),
  );
  try {
    return await applyWith(options, catalogue, io);
  } finally {
    await catalogue.close();
  }
}

async function applyWith(options: ApplyOptions, catalogue: LoadedCatalogue, io: Io): Promise<ExitCode> {
  if ((options.kernel ?? PLAN_DEFAULTS.kernel) === "auto") {
    for (const line of unavailableKernels(catalogue)) note(io, `warning: ${line}`);
  }
  const chosen = chooseVariant(catalogue.variants, options.variant, options.settings);
  refuseLoss(options, [options.input]);
  refuseUnwritable(options.output);
  const seed = parseInteger("--seed", options.seed ?? PLAN_DEFAULTS.seed, 0, LIMITS.seed);
  const declaredOf = parameterize(chosen.variant, chosen.overrides);
  const tokens = options.layer === true || takesTokens(catalogue.kinds.judged(declaredOf));
  const source = await openInput(options.input, seed, options.tensors, { tokens });
  refuseLoss(options, source.files ?? []);
  const { variant, overrides } = asWideAs(source.grid, chosen);
  const filled = parameterize(variant, overrides);
  refuseOtherEnding(options);
  const mode = parseMode(options.mode);
  const numbers = dtypeField(parseDtype(options.dtype, mode));
  const dimensions = dimensionsOf(options, source);
  const { layer } = dimensions;
  const shape = shapeFrom(options, dimensions, mode, source);
  const { causal, ...heads } = callOf(options, mode, source);
  const { pass } = OPERATIONS[mode];
  const call = { ...heads, ...(layer !== null && { layer }), ...(pass !== null && { pass }) };
  refuseWhollyMasked("--length", shape.length, call);
  const given = givenEdges(filled, call, catalogue.kinds);
  if (given !== null) refuseDrawing(filled, overrides);
  const params = given === null ? filled.params : paramsBesideEdges(filled);
  const gates = givenGates(filled, call, catalogue.kinds);
  const ofInput = {
    ...(given !== null && { given_edges: given.indices.length }),
    ...(gates !== null && { given_gates: gates }),
  };
  const { mechanism, kind } = catalogue.kinds.under(filled, call);
  const within = isGradient(mechanism) ? mechanism.of : mechanism;
  const ofHeads = isLayer(within) ? shapeOfHeads(within, shape) : undefined;
  if (source.told !== undefined) {
    note(
      io,
      `${source.told(shape, ofHeads)}${layer === null || options.heads !== undefined ? "" : usualHeadsRemark(source, layer)}`,
    );
  }
  const unfit = whyUndefined({ mechanism, kind }, { causal, mode, ...call, ...numbers }, shape);
  if (unfit !== null) throw new UsageError(`apply ${variant.id}: ${unfit}`);
  const inputs = callInputs({ mechanism, kind, ...numbers }, source, shape);
  for (const warning of nonFiniteWarnings(inputs)) note(io, `warning: ${warning}`);
  const problem: JudgedProblem = {
    mechanism,
    kind,
    shape,
    causal,
    threads: 1,
    ...numbers,
    inputs: withNamed({ mechanism, kind, ...numbers }, inputs, seed, { source }),
  };
  const declared = declaredIn({ mechanism, kind }, shape);
  const remarks = [...remarksOn(declared, source), ...gateRemarks([filled], call, catalogue.kinds)];
  const drawn = allDrawn(declared, source, variant.id);
  for (const line of drawn === null ? remarks : [...remarks, drawn]) note(io, `warning: ${line}`);
  const brought = heldBy(declared, source);
  if (brought.length > 0) note(io, `from the input: ${brought.join(", ")}`);
  const chosenAs = chosenKernels(options, catalogue);
  if (chosenAs !== "auto" && chosenAs.length > 1) {
    throw new UsageError(`--kernel: apply takes one kernel, got ${chosenAs.map(({ id }) => id).join(", ")}`);
  }
  const kernel =
    chosenAs === "auto"
      ? firstSupporting(choosable(catalogue.kernels, simdOf(options.simd)), problem, mode)
      : chosenAs[0];
  const supported = supportsMode(kernel, problem, mode);
  if (supported !== true) throw new UsageError(`--kernel ${kernel.id}: ${supported}`);

  const places = rowsToCheck(problem, seed);
  const second = secondKernel(catalogue.kernels, kernel.id);
  const held = { places, fullRows: rowsOfFull(problem, places, call), seed, second };
  const result =
    OPERATIONS[mode].keepsState && kernel.decode !== undefined
      ? await decodeWhole(problem, kernel.decode, held)
      : await computeWhole(problem, kernel, {
          ...held,
          output: guardedOutput(outputCount(outputsOf(problem))),
          now: io.now,
        });
  const replaced = replacedFault();
  if (result.outcome === "unproven" && replaced === null) {
    note(io, `apply: ${variant.id} by ${kernel.id}: ${result.reason}; nothing was written`);
    return EXIT.inconclusive;
  }
  if (result.outcome !== "green" || replaced !== null) {
    const reason = replaced ?? (result.outcome === "green" ? "" : result.reason);
    throw new FailureError(
      `apply: ${variant.id} by ${kernel.id} was refused, nothing was written; ${reason}`,
    );
  }
  const remark = threadsRemark(kernel.id, result.threadsSeen, problem.threads);
  if (remark !== null) note(io, `warning: ${remark}`);
  const noLimit = result.isElsewhere === true ? [placeRemark(kernel)] : [];
  for (const one of [...noLimit, ...(result.remarks ?? [])]) note(io, `warning: ${one}`);
  const { pairs } = kind.work(problem);
  const { gate } = result;
  const against = gate.fidelityError === null ? null : otherYardstick({ kind, mechanism });
  const { kv_heads, queries, value_dim, ...sizes } = shapeFields(shape);
  const unlike = { kv_heads, queries, value_dim, ...alignmentField({ ...sizes, queries, causal }) };
  const told = {
    variant: variant.id,
    params,
    ...modeField(mode),
    causal,
    ...ofInput,
    ...(call.scale !== undefined && { scale: call.scale }),
    ...(call.mask !== undefined && { mask: call.mask }),
    ...numbers,
    kernel: kernel.id,
    input: source.name,
    shape: [shape.batch, shape.heads, shape.length, shape.headDim],
    ...unlike,
    pairs,
    pairs_in_all: pairs === null ? null : pairs * shape.batch * shape.heads,
    gate_error: gate.error,
    gate_budget: gate.budget,
    gate_rows: gate.rows,
    ...fidelityOf(gate),
    ...(against !== null && { fidelity_against: against }),
    output: options.output,
  };
  writeSafetensors(options.output, writtenTensors(problem, result.output), {
    variant: variant.id,
    params: JSON.stringify(params),
    ...(ofInput.given_edges !== undefined && { given_edges: String(ofInput.given_edges) }),
    ...(ofInput.given_gates !== undefined && { given_gates: ofInput.given_gates.join(",") }),
    causal: String(causal),
    ...(unlike.alignment !== undefined && { alignment: unlike.alignment }),
    ...(call.scale !== undefined && { scale: String(call.scale) }),
    ...(call.mask !== undefined && { mask: maskText(call.mask) }),
    ...numbers,
    mode,
    kernel: kernel.id,
    input: source.name,
  });
  if (options.json) print(io, JSON.stringify(told, null, 2));
  else {
    print(
      io,
      `${variant.id} by ${kernel.id} on ${printable(source.name)} ${formatShape(shape)}${toldOf({ causal, ...call, ...unlike, ...ofInput, ...numbers })}${OPERATIONS[mode].keepsState ? ", token by token" : ""}`,
      ...(pairs === null ? [] : [`pairs ${pairs} per head, ${told.pairs_in_all} in all`]),
      `verification error ${gate.error.toExponential(2)} of ${gate.budget.toExponential(2)} allowed, over ${gate.rows} rows`,
      isGradient(mechanism)
        ? "no fidelity error: gradients approximate nothing; the output's is told without --mode"
        : fidelityLine(gate, yardstickOf({ kind, mechanism })?.text),
      `wrote ${printable(options.output)}`,
    );
  }
  return EXIT.fine;
}

/** What is written of an output: each of its tensors under its name, which for weights has a file's form. */
function writtenTensors(
  problem: JudgedProblem,
  output: Float32Array,
): Parameters<typeof writeSafetensors>[1] {
  const specs = problem.kind.inputs?.(problem.mechanism) ?? {};
  const tensors = outputsOf(problem).map(({ name, layout, offset }) => {
    const data = output.subarray(offset, offset + countOf(layout));
    const input = name.slice(gradientName("").length);
    const isWeight = name !== OUT && Object.hasOwn(specs, input);
    const shape = isWeight
      ? sizesBy(problem.shape, specs[input])
      : [layout.batch, layout.heads, layout.rows, layout.width];
    return [isWeight ? gradientName(nameInFiles(input, specs[input])) : name, { shape, data }] as const;
  });
  return Object.fromEntries(tensors);
}

/** The same as results files have it: JSON has no infinity. */
function fidelityOf({ fidelityError: error, meanFidelityError: mean }: GateResult): Fidelity {
  const finite = (value: number | null) => (Number.isFinite(value) ? value : null);
  return { fidelity_error: finite(error), mean_fidelity_error: finite(mean) };
}

/** How near an output is to what it approximates, and how near that is. */
function fidelityLine(gate: GateResult, approximated = ""): string {
  const { fidelityError: error, meanFidelityError: mean } = gate;
  if (error === null || mean === null)
    return "no fidelity error: it has none, or is that of its heads alone, as of a layer";
  const told = (value: number) => (Number.isFinite(value) ? value.toPrecision(3) : "not finite");
  const worse = isWorseThanMean(fidelityOf(gate)) ? ": on this input it is worse than that" : "";
  return `fidelity error ${told(error)}, the relative distance to ${approximated}; the mean of v has ${told(mean)}${worse}`;
}

/** What the call was given, such as `, causal, scale 0.1`. */
function toldOf({
  causal,
  alignment,
  scale,
  mask,
  given_edges,
  given_gates,
  dtype,
}: CallSettings &
  Pick<PlannedCase, "causal" | "alignment" | "given_edges" | "given_gates" | "dtype">): string {
  const told = [
    ...(causal ? [alignment === undefined ? "causal" : "causal with the last query at the last key"] : []),
    ...(scale === undefined ? [] : [`scale ${scale}`]),
    ...(mask === undefined ? [] : [`mask ${maskText(mask)}`]),
    ...(dtype === undefined ? [] : [`in ${dtype}`]),
    ...(given_edges === undefined ? [] : [`${given_edges} edges of the input`]),
    ...(given_gates === undefined ? [] : [`${given_gates.join(" and ")} of the input`]),
  ];
  return told.map((one) => `, ${one}`).join("");
}

/** The output of one forward pass, which must be green, in an array of its own. */
async function computeWhole(
  problem: JudgedProblem,
  kernel: Kernel,
  context: GateContext,
): Promise<DecodedWhole | RedCase> {
  const result = await prepareCase(problem, kernel, context);
  if (result.outcome !== "green") return result;
  const { runnable, gate } = result;
  const output = result.output.slice();
  let again: GreenAgain;
  try {
    again = await callGreenAgain(kernel, result, leastPass(problem), problem.threads);
  } catch (thrown) {
    return { outcome: "red", reason: blame(thrown, " when called again"), gate };
  } finally {
    discard(runnable);
  }
  if (again.fault !== null) return { outcome: "red", reason: `verification: ${again.fault}`, gate };
  return { outcome: "green", gate, output, threadsSeen: again.threadsSeen, remarks: again.remarks };
}

/** The output must not replace a file that is read, not even through links. */
function refuseLoss({ output }: ApplyOptions, read: readonly string[]): void {
  if (
    existsSync(output) &&
    read
      .filter((path) => existsSync(path))
      .map((path) => realpathSync(path))
      .includes(realpathSync(output))
  ) {
    throw new UsageError(
      `--output: must be a different file from the input, got '${printable(output)}'; the input would be lost`,
    );
  }
}

function refuseOtherEnding({ output }: ApplyOptions): void {
  if (!output.endsWith(".safetensors")) {
    throw new UsageError(`--output: must be a file ending in .safetensors, got '${printable(output)}'`);
  }
}

function shapeFrom(options: ApplyOptions, dimensions: Dimensions, mode: Mode, source: InputSource): Shape {
  const longest = longestOf(source, dimensions.heads.batch);
  if (options.length === undefined && source.maxLength >= MAX_ELEMENTS) {
    throw new UsageError(`--length: the input ${printable(source.name)} has no length of its own; give one`);
  }
  const length = options.length === undefined ? longest : parseLength("--length", options.length);
  if (!(length <= longest)) {
    throw new UsageError(`--length: the input has ${longest} tokens, got ${length}; ask for a shorter one`);
  }
  const queries = queriesOf(options.queries, [length], mode, source);
  return callShape(dimensions, length, queries);
}
