import { UsageError } from "../core/errors.ts";
import { inWords } from "../library/as-typed.ts";
import { parseDtype } from "../library/dtype-option.ts";
import { parseMode } from "../library/mode-option.ts";
import type { TypedChoices } from "../library/plan-options.ts";
import { settingsOf } from "../library/settings.ts";
import type { PageChoices } from "../page/choices.ts";
import { parseInteger, type Typed } from "../text/units.ts";

/** What has no meaning in a browser, and why; the names are those of the library. */
const NOT_THERE: Partial<Record<keyof TypedChoices, readonly [option: string, why: string]>> = {
  plugins: ["plugin", "the page loads no module"],
  python: ["python", "the page starts no program"],
  tensors: ["tensors", "the page reads no file"],
  workloads: ["workloads", "the page reads no file"],
  simd: ["simd", "the page takes the fastest build of the kernels that the browser runs"],
  queries: ["queries", "the page measures as many queries as keys"],
  layer: ["layer", "the page measures the heads alone"],
  modelDim: ["model-dim", "the page measures the heads alone"],
  positions: ["positions", "the page measures the heads alone"],
  scale: ["scale", "the page takes the usual factor"],
  curve: ["curve", "the page measures one value of a parameter: set it with --set"],
  deadline: ["deadline", "the page takes a third of the budget"],
};

/** What a run in a browser is asked for, from the words of the command line. Refuses what has no meaning there. */
export function browserChoices(typed: TypedChoices): PageChoices {
  for (const [name, [option, why]] of Object.entries(NOT_THERE)) {
    const value = typed[name as keyof TypedChoices];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    throw new UsageError(`--${option}: has no meaning with --browser, as ${why}; omit it`);
  }
  const { dtype, set, input, budget, causal } = typed;
  const mode = parseMode(typed.mode);
  return {
    ...given("variants", listed(inWords("--variants", typed.variants))),
    ...given("kernels", kernelsIn(typed.kernel)),
    ...given("lengths", inWords("--lengths", typed.lengths)),
    ...given("batch", whole("--batch", typed.batch)),
    ...given("heads", whole("--heads", typed.heads)),
    ...given("kvHeads", whole("--kv-heads", typed.kvHeads)),
    ...given("headDim", whole("--head-dim", typed.headDim)),
    ...given("valueDim", whole("--value-dim", typed.valueDim)),
    ...given("threads", whole("--threads", typed.threads)),
    ...given("seed", whole("--seed", typed.seed, 0)),
    ...given("rounds", whole("--rounds", typed.rounds)),
    ...given("mode", typed.mode === undefined ? undefined : mode),
    ...given("dtype", dtype === undefined ? undefined : parseDtype(dtype, mode)),
    ...given("set", set === undefined || set.length === 0 ? undefined : settingsOf(set)),
    ...given("input", input),
    ...given("budget", budget),
    ...given("causal", causal),
  };
}

function kernelsIn(kernel: TypedChoices["kernel"]): readonly string[] | undefined {
  if (kernel === undefined || kernel === "auto") return undefined;
  if (typeof kernel === "string") return listed(kernel);
  throw new UsageError("--kernel: must be names of kernels with --browser, as the page starts no program");
}

function listed(words: string | undefined): readonly string[] | undefined {
  return words?.split(",").map((word) => word.trim());
}

function whole(option: string, value: Typed | undefined, least = 1): number | undefined {
  return value === undefined ? undefined : parseInteger(option, value, least, Number.MAX_SAFE_INTEGER);
}

/** A choice by its name; nothing if it was not made. */
function given<Name extends keyof PageChoices>(
  name: Name,
  value: PageChoices[Name] | undefined,
): Pick<PageChoices, Name> | undefined {
  return value === undefined ? undefined : ({ [name]: value } as Pick<PageChoices, Name>);
}
