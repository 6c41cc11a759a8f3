import { isScale, SCALES } from "../core/call-settings.ts";
import { printable, UsageError } from "../core/errors.ts";
import { isSelfAttention, type Shape } from "../core/shape.ts";
import type { CapturedCall } from "../core/tensors.ts";
import { wholeAt } from "./element-formats.ts";
import { isFloatFormat } from "./float-formats.ts";
import { knownMask } from "./known-mask.ts";
import { storedEdges } from "./stored-edges.ts";
import { storedGates } from "./stored-gates.ts";
import { product, readRange, readTensor } from "./stored-tensor.ts";
import type { TensorNames } from "./tensor-names.ts";
import type { TensorSet } from "./tensor-set.ts";

/** What a file says about a call besides its tensors: metadata, or tensors of one number, as in an `.npz`. */
const SETTINGS = ["scale", "is_causal", "dropout_p"] as const;

/**
 * The arguments of the call that the tensors were captured from, as the README's snippet saves them: `scale`,
 * `is_causal` and `dropout_p`, as Python prints them, the tensor `mask` if one is named, edges and gates. What cannot be
 * applied is a UsageError, as is `is_causal` if queries and keys are different tokens.
 */
export function capturedCall(set: TensorSet, { mask, ...names }: TensorNames, shape: Shape): CapturedCall {
  const [scale, isCausal, dropout] = SETTINGS.map((name) => settingOf(set, Object.values(names), name));
  const causal = truthOf(set, isCausal);
  if (causal === true && !isSelfAttention(shape)) throw alignedAtFirst(set, shape);
  refuseDropout(set, dropout);
  const known = mask === null ? null : knownMask(set.tensor(mask), shape);
  return {
    // A mask covers every key; without mask and `is_causal` causality is unknown.
    causal: causal === true || known?.causal === true ? true : known === null ? causal : false,
    scale: scaleIn(set, scale),
    mask: known?.mask ?? undefined,
    edges: storedEdges(set, shape),
    gates: storedGates(set),
  };
}

/** A setting as text; undefined if it is missing, or was left at its default. */
function settingOf(set: TensorSet, tensors: readonly string[], name: string): string | undefined {
  const [told, other] = new Set(
    tensors.map((tensor) => {
      const metadata = set.metadataOf(tensor);
      return Object.hasOwn(metadata, name) ? metadata[name].trim() : undefined;
    }),
  );
  if (other !== undefined) {
    throw new UsageError(
      `${set.where}: ${name} must be the same for q, k and v, got '${printable(String(told), 40)}' and '${printable(other, 40)}'; save q, k and v of one call`,
    );
  }
  if (told !== undefined) return told === "None" || told === "null" || told === "" ? undefined : told;
  if (!set.names.includes(name)) return undefined;
  const tensor = set.tensor(name);
  const { format, label, shape } = tensor;
  if (product(shape) !== 1) {
    throw new UsageError(
      `${label} must be one number, got shape [${shape.join(", ")}]; save the setting of the call`,
    );
  }
  if (isFloatFormat(format)) return String(readNumber({ ...tensor, format }));
  let value = Number.NaN;
  readRange(tensor, 0, 1, (bytes) => {
    value = wholeAt(format, bytes, 0);
  });
  return String(value);
}

/** A float64 as it is; the others are exact in float32. */
function readNumber(tensor: Parameters<typeof readTensor>[0]): number {
  if (tensor.format !== "F64") return readTensor(tensor)[0];
  let value = Number.NaN;
  readRange(tensor, 0, 1, (bytes) => {
    value = bytes.getFloat64(0, true);
  });
  return value;
}

function truthOf({ where }: TensorSet, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (/^(true|1)$/i.test(text)) return true;
  if (/^(false|0)$/i.test(text)) return false;
  throw new UsageError(
    `${where}: is_causal must be True or False, got '${printable(text, 40)}'; save str(is_causal)`,
  );
}

/** Here the last query stands at the last key. */
function alignedAtFirst({ where }: TensorSet, { queries, length }: Shape): UsageError {
  const counted = queries === 1 ? "1 query" : `${queries} queries`;
  return new UsageError(
    `${where}: is_causal must be False with ${counted} and ${length} keys, got True: PyTorch aligns it at the first key, attnbench at the last; ` +
      "if the call was aligned at the last, save False and give --causal; if not, save only the keys that are attended",
  );
}

function scaleIn({ where }: TensorSet, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const scale = Number(text);
  if (isScale(scale)) return scale;
  throw new UsageError(
    `${where}: scale must be a number from ${SCALES.least} to ${SCALES.most}, got '${printable(text, 40)}'; save str(float(scale))`,
  );
}

/** No variant here drops weights at random. */
function refuseDropout({ where }: TensorSet, text: string | undefined): void {
  if (text === undefined || Number(text) === 0) return;
  throw new UsageError(
    `${where}: dropout_p must be 0, got '${printable(text, 40)}'; capture from model.eval(), which drops nothing out`,
  );
}
