import { PLAN_DEFAULTS } from "../core/defaults.ts";
import { DTYPES, type Dtype, isReduced } from "../core/dtype.ts";
import { UsageError, unknownName } from "../core/errors.ts";
import { type ChosenOperation, OPERATIONS } from "../core/operation.ts";

/** What `--dtype` asks for; float32 if it was not given, and in decoding, which has no other. */
export function parseDtype(text: string | undefined, mode: ChosenOperation): Dtype {
  const known = DTYPES.find((dtype) => dtype === (text ?? PLAN_DEFAULTS.dtype).trim());
  if (known === undefined) throw unknownName("dtype", text ?? "", DTYPES);
  if (!OPERATIONS[mode].keepsState || !isReduced(known)) return known;
  throw new UsageError(`--dtype: decoding is in float32 alone, got ${known}; omit the option`);
}
