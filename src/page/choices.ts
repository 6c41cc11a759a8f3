import type { Dtype } from "../core/dtype.ts";
import type { ChosenOperation } from "../core/operation.ts";

/**
 * What a run in the page is asked for: the options of `attnbench run` that make sense there, under the same names and with
 * the same rules; what is omitted is as in the command line.
 */
export interface PageChoices {
  /** Ids of variants. */
  readonly variants?: readonly string[];
  /** Tokens, such as `[512, 1024]`, or as typed, `"256..4k"`. */
  readonly lengths?: string | readonly number[];
  /** Ids of kernels: `js`, `wasm`, `webgpu`. */
  readonly kernels?: readonly string[];
  readonly batch?: number;
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly headDim?: number;
  readonly valueDim?: number;
  readonly causal?: boolean;
  readonly mode?: ChosenOperation;
  readonly threads?: number;
  readonly dtype?: Dtype;
  readonly set?: readonly string[];
  /** `gaussian`, `peaked` or `local`. */
  readonly input?: string;
  readonly seed?: number;
  readonly rounds?: number;
  /** Seconds, or as typed, `"5m"`. */
  readonly budget?: number | string;
}
