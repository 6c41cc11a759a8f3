import { OPERATION_IDS, OPERATIONS, USUAL_OPERATION } from "../../core/operation.ts";
import { caseName } from "./identity.ts";
import type { Mode } from "./result-lines.ts";

/** A case without anything rare, as its name says it. */
export interface PlainCase {
  readonly variant: string;
  /** As written, by name; those that are none are in no name. */
  readonly params: Readonly<Record<string, string>>;
  readonly kernel: string;
  readonly length: number;
  readonly batch: number;
  readonly heads: number;
  readonly head_dim: number;
  readonly causal: boolean;
  /** Omitted if it is `forward`. */
  readonly mode?: Mode;
  readonly threads: number;
}

const ID = "[a-z0-9][a-z0-9-]*";
const NAME = new RegExp(
  `^(${ID})(?:\\((\\w+=[^()/]*)\\))?/(${ID})/b(\\d+)h(\\d+)n(\\d+)d(\\d+)(/causal)?(?:/(${OPERATION_IDS.join("|")}))?(?:/t(\\d+))?$`,
);

/**
 * The case that a name of `caseName` says; null if it says more than a plain case has, or is no such name. What is returned
 * has just this name.
 */
export function plainCaseOf(name: string): PlainCase | null {
  const found = NAME.exec(name);
  if (found === null) return null;
  const [, variant, params, kernel, batch, heads, length, head_dim, causal, mode, threads] = found;
  const operation = mode as Mode | undefined;
  const plain: PlainCase = {
    variant,
    params: parametersIn(params),
    kernel,
    length: Number(length),
    batch: Number(batch),
    heads: Number(heads),
    head_dim: Number(head_dim),
    causal: causal !== undefined || OPERATIONS[operation ?? USUAL_OPERATION].alwaysCausal,
    ...(operation !== undefined && { mode: operation }),
    threads: Number(threads ?? 1),
  };
  return caseName(plain) === name ? plain : null;
}

/** Values may have commas, and no `=`. */
function parametersIn(text: string | undefined): Readonly<Record<string, string>> {
  const parts = text?.split(/,(?=\w+=)/) ?? [];
  return Object.fromEntries(
    parts.map((part) => {
      const at = part.indexOf("=");
      return [part.slice(0, at), part.slice(at + 1)];
    }),
  );
}
