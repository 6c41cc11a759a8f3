import { UsageError } from "../core/errors.ts";
import { FORM_NAMES, type FormName } from "../core/form-names.ts";
import { type Parameter, type Parameters, type ParameterValues, text } from "../core/parameters.ts";
import { alibi } from "./alibi.ts";
import type { Bias } from "./bias.ts";
import type { Normaliser } from "./normaliser.ts";
import type { Score } from "./score.ts";
import { t5Bias } from "./t5-bias.ts";
import { TURN_LAYOUTS, type Turn } from "./turn.ts";
import { windowBias } from "./window-bias.ts";

/** What is done to pairs besides the pattern: each omitted where it is as usual. */
export interface Forms {
  /** How a score is made; the scaled product of q and k if omitted. */
  readonly score?: Score | undefined;
  /** What is added to it. */
  readonly bias?: Bias | undefined;
  /** Rotary positions of q and k. */
  readonly turn?: Turn | undefined;
  /** How scores become weights; softmax if omitted. */
  readonly normaliser?: Normaliser | undefined;
}

/** Why something that computes some forms does not compute those that a mechanism has; null if it does. */
export function whyNotForms(mechanism: object, computed: readonly FormName[] = []): string | null {
  const other = FORM_NAMES.find(
    (name) => Reflect.get(mechanism, name) !== undefined && !computed.includes(name),
  );
  return other === undefined ? null : `it computes no ${other}`;
}

/** The value with which a form is as usual. */
const NONE = "none";

/** The parts of a text such as `t5:32:128`, after its name. Each is a number, or a word where there are words. */
interface FormText {
  readonly form: RegExp;
  readonly rule: string;
  readonly meaning: string;
}

const WHOLE = String.raw`\d{1,15}`;
const REAL = String.raw`-?(?:\d{1,15}(?:\.\d{1,15})?|\.\d{1,15})(?:e-?\d{1,2})?`;

/**
 * How forms are written: a name, and after colons what it takes, in the order of the rule. What is left out
 * is as usual.
 */
const TEXTS: Readonly<Record<FormName, FormText>> = {
  score: {
    form: new RegExp(`^(none|additive(:${WHOLE})?|(gat|gatv2)(:${WHOLE}(:${REAL})?)?)$`),
    rule: "none, additive[:seed], gat[:seed[:slope]] or gatv2[:seed[:slope]]",
    meaning: "how a score is made of query and key; none is their scaled product",
  },
  bias: {
    form: new RegExp(
      `^(none|alibi|t5(:${WHOLE}(:${WHOLE}(:${WHOLE})?)?)?|window:${WHOLE}(:${WHOLE}(:${WHOLE})?)?)$`,
    ),
    rule: "none, alibi, t5[:buckets[:distance[:seed]]] or window:width[:side[:seed]]",
    meaning: "what is added to a score",
  },
  turn: {
    form: new RegExp(`^(none|rope(:(${TURN_LAYOUTS.join("|")})(:${REAL})?)?)$`),
    rule: "none or rope[:interleaved or half[:base]]",
    meaning: "rotary positions of q and k",
  },
  normaliser: {
    form: new RegExp(`^(none|(relu|sigmoid|sink)(:${REAL})?)$`),
    rule: "none, relu[:alpha], sigmoid[:bias] or sink[:logit]",
    meaning: "how scores become weights; none is softmax",
  },
};

/** The forms that a variant can be given, as parameters: `none` unless they are set. */
export const FORM_PARAMETERS: Parameters = Object.fromEntries(
  Object.entries(TEXTS).map(([name, { form, rule, meaning }]): [string, Parameter<string>] => [
    name,
    text(NONE, { form, rule, unit: "", meaning }),
  ]),
);

/** The usual numbers of forms, which variants of their own have too. */
export const FORM_DEFAULTS = {
  seed: 0,
  slope: 0.2,
  buckets: 32,
  distance: 128,
  window: 7,
  base: 10_000,
  alpha: 1,
  logit: 0,
} as const;

/** The forms that values of these parameters stand for; what is not among them, or none, is omitted. */
export function formsOf(values: ParameterValues): Forms {
  const [score, bias, turn, normaliser] = (["score", "bias", "turn", "normaliser"] as const).map((name) =>
    writtenForm(values[name]),
  );
  return {
    ...(score !== null && { score: scoreOf(score) }),
    ...(bias !== null && { bias: biasOf(bias) }),
    ...(turn !== null && { turn: turnOf(turn) }),
    ...(normaliser !== null && { normaliser: normaliserOf(normaliser) }),
  };
}

/** A form's name and what follows it. */
interface Written {
  readonly name: string;
  readonly parts: readonly string[];
}

function writtenForm(value: unknown): Written | null {
  if (typeof value !== "string" || value === NONE) return null;
  const [name, ...parts] = value.split(":");
  return { name, parts };
}

function numberAt({ parts }: Written, at: number, usual: number): number {
  return at < parts.length ? Number(parts[at]) : usual;
}

function scoreOf(written: Written): Score {
  const seed = numberAt(written, 0, FORM_DEFAULTS.seed);
  if (written.name === "additive") return { kind: "tanh", seed };
  const slope = numberAt(written, 1, FORM_DEFAULTS.slope);
  return { kind: written.name === "gat" ? "split" : "leaky", seed, slope };
}

function biasOf(written: Written): Bias {
  if (written.name === "alibi") return alibi();
  const seed = numberAt(written, 2, FORM_DEFAULTS.seed);
  if (written.name === "t5") {
    const buckets = numberAt(written, 0, FORM_DEFAULTS.buckets);
    return t5Bias({ buckets, distance: numberAt(written, 1, FORM_DEFAULTS.distance), seed });
  }
  const width = numberAt(written, 0, 0);
  return windowBias({ width, window: numberAt(written, 1, FORM_DEFAULTS.window), seed });
}

function turnOf(written: Written): Turn {
  const layout = TURN_LAYOUTS.find((one) => one === written.parts[0]) ?? TURN_LAYOUTS[0];
  return checkedTurn({ layout, base: numberAt(written, 1, FORM_DEFAULTS.base) });
}

/** A turn whose base is a number that a rotation can have. */
export function checkedTurn({ layout, base }: Turn): Turn {
  if (base >= 1) return { layout, base };
  throw new UsageError(`rope: base must be at least 1, got ${base}`);
}

function normaliserOf(written: Written): Normaliser {
  switch (written.name) {
    case "relu":
      return checkedRelu(numberAt(written, 0, FORM_DEFAULTS.alpha));
    case "sigmoid":
      return { kind: "sigmoid", bias: written.parts.length > 0 ? numberAt(written, 0, 0) : null };
    default:
      return { kind: "sink", logit: numberAt(written, 0, FORM_DEFAULTS.logit) };
  }
}

/** Division by `n^alpha`, of which an alpha of no more than this leaves something. */
const MOST_ALPHA = 4;

/** ReLU in the place of softmax, with an exponent that leaves numbers of ordinary size. */
export function checkedRelu(alpha: number): Normaliser {
  if (alpha >= 0 && alpha <= MOST_ALPHA) return { kind: "relu", alpha };
  throw new UsageError(`relu: alpha must be from 0 to ${MOST_ALPHA}, got ${alpha}`);
}
