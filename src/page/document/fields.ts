import { PLAN_DEFAULTS } from "../../core/defaults.ts";
import { type Html, html } from "../../text/html.ts";
import type { PageChoices } from "../choices.ts";
import { FIELD_LABELS } from "../field-labels.ts";

/** What is asked of a run besides its variants and kernels, and what stands if nothing is: as in the command line. */
export function usualFields(): Html {
  return html`${text("lengths", PLAN_DEFAULTS.lengths, "1k,2k,5000, or 256..8192, which doubles; to decode, positions")}
${whole("heads", PLAN_DEFAULTS.heads)}
${whole("headDim", PLAN_DEFAULTS.headDim)}
${choice("mode", [
  ["", "forward: whole sequences"],
  ["decode", "decode: token by token"],
  ["backward", "backward: gradients of whole sequences"],
  ["train", "train: forward and backward"],
])}
${choice("dtype", [
  ["", "float32"],
  ["float16", "float16"],
])}
${text("budget", PLAN_DEFAULTS.budget, "such as 60s or 5m")}
<label class="tick"><input type="checkbox" name="causal" autocomplete="off"> ${FIELD_LABELS.causal}: no query attends to keys after it</label>
`;
}

/** What few ask for. */
export function furtherFields(): Html {
  return html`${whole("batch", PLAN_DEFAULTS.batch)}
${whole("kvHeads", "as many")}
${whole("valueDim", "the head's")}
${whole("threads", PLAN_DEFAULTS.threads)}
${choice("input", [
  ["", "gaussian"],
  ["peaked", "peaked"],
  ["local", "local"],
])}
${whole("rounds", PLAN_DEFAULTS.rounds)}
${whole("seed", PLAN_DEFAULTS.seed, 0)}
<label class="field long">${FIELD_LABELS.set}, one a line <textarea name="set" rows="2" spellcheck="false" autocomplete="off" placeholder="longformer.window=64"></textarea></label>
`;
}

type Name = keyof PageChoices;

function text(name: Name, usual: string, form: string): Html {
  return html`<label class="field">${FIELD_LABELS[name]} <input type="text" name="${name}" placeholder="${usual}" title="${form}" spellcheck="false" autocapitalize="off" autocomplete="off"></label>`;
}

function whole(name: Name, usual: number | string, least = 1): Html {
  return html`<label class="field">${FIELD_LABELS[name]} <input type="number" name="${name}" min="${least}" step="1" placeholder="${usual}" inputmode="numeric" autocomplete="off"></label>`;
}

function choice(name: Name, values: readonly (readonly [value: string, text: string])[]): Html {
  return html`<label class="field">${FIELD_LABELS[name]} <select name="${name}" autocomplete="off">${values.map(
    ([value, said]) => html`<option value="${value}">${said}</option>`,
  )}</select></label>`;
}
