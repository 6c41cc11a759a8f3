import { USUAL_DTYPE } from "../../core/dtype.ts";
import type { Mechanism } from "../../core/mechanism.ts";
import { OUTPUT_PASS } from "../../core/operation.ts";
import type { Pattern } from "../../core/pattern.ts";
import type { Task } from "../../core/problem.ts";
import { QKV } from "../../core/shape.ts";
import { isGradient } from "../../mechanisms/gradient/declare.ts";
import { isLayer } from "../../mechanisms/layer/declare.ts";
import { isSoftmaxPattern, scaleOf } from "../../mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../pattern/bind.ts";

/**
 * A case as a program is told it: docs/external-kernels.md, "A case". One of training is told as the forward pass
 * within it, beside its pass and the inputs that have a gradient.
 */
export function caseData(asked: Task, device: string): Readonly<Record<string, unknown>> {
  const task = { ...asked, mechanism: forwardOf(asked.mechanism) };
  const { mechanism, shape, causal, threads } = task;
  const { batch, heads, length, queries } = shape;
  const { declaredAs } = mechanism;
  const pattern = patternOf(mechanism);
  return {
    ...passOf(asked.mechanism),
    variant: declaredAs?.variant ?? null,
    params: declaredAs?.params ?? null,
    kind: mechanism.kind,
    formula: formulaOf(mechanism),
    mechanism: asData(mechanism),
    pattern: pattern?.text ?? null,
    pairs: pattern === null ? null : pairsOf(task, pattern),
    batch,
    heads,
    kv_heads: shape.kvHeads,
    length,
    queries,
    head_dim: shape.headDim,
    value_dim: shape.valueDim,
    scale: scaleTold(task),
    causal,
    threads,
    dtype: task.dtype ?? USUAL_DTYPE,
    device,
  };
}

/** The mechanism of a forward pass: that within a gradient. */
export function forwardOf(mechanism: Mechanism): Mechanism {
  return isGradient(mechanism) ? mechanism.of : mechanism;
}

/** Which pass is asked for, and the inputs whose gradients it gives. */
function passOf(mechanism: Mechanism) {
  if (!isGradient(mechanism)) return { pass: OUTPUT_PASS, gradients: [] };
  return { pass: mechanism.pass, gradients: [...QKV, ...mechanism.also] };
}

/** The pattern of a case that has one. */
export function patternOf(mechanism: Mechanism): Pattern | null {
  const forward = forwardOf(mechanism);
  return isSoftmaxPattern(forward) ? forward.pattern : null;
}

function pairsOf(task: Task, pattern: Pattern): number {
  const bound = bindHeads({ pattern }, task);
  const [first] = bound;
  if (bound.every((one) => one === first)) return bound.length * first.pairs();
  return bound.reduce((sum, one) => sum + one.pairs(), 0);
}

function formulaOf(mechanism: Mechanism): unknown {
  if (!isSoftmaxPattern(mechanism)) return null;
  const { score, bias, turn, normaliser } = mechanism;
  return asData({
    score: score ?? null,
    bias: bias ?? null,
    turn: turn ?? null,
    normaliser: normaliser ?? null,
  });
}

/** The factor on q·k where there is one that all kinds understand alike. */
function scaleTold({ mechanism, shape }: Task): number | null {
  if (isLayer(mechanism)) return null;
  if (isSoftmaxPattern(mechanism)) {
    return mechanism.score === undefined ? scaleOf(mechanism, shape.headDim) : null;
  }
  const { scale }: { scale?: unknown } = mechanism as { scale?: unknown };
  return typeof scale === "number" ? scale : null;
}

/** What of a value is data: a pattern as its text, and no functions. */
function asData(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asData);
  if (ArrayBuffer.isView(value) || typeof value === "function") return undefined;
  if (typeof value !== "object" || value === null) return value;
  if (isPattern(value)) return value.text;
  const parts = Object.entries(value)
    .filter(([name]) => name !== "declaredAs")
    .map(([name, part]) => [name, asData(part)]);
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
}

function isPattern(value: object): value is Pattern {
  return (
    "text" in value && "bind" in value && typeof value.text === "string" && typeof value.bind === "function"
  );
}
