import { PLAN_DEFAULTS } from "../../core/defaults.ts";
import { type Html, html } from "../../text/html.ts";
import type { PageChoices } from "../choices.ts";

/** What is asked of a run besides its variants and kernels, and what stands if nothing is: as in the command line. */
export function usualFields(): Html {
  return html`${text("lengths", "lengths", PLAN_DEFAULTS.lengths, "1k,2k,5000, or 256..8192, which doubles; to decode, positions")}
${whole("heads", "heads", PLAN_DEFAULTS.heads)}
${whole("headDim", "width of a head", PLAN_DEFAULTS.headDim)}
${choice("mode", "mode", [
  ["", "forward: whole sequences"],
  ["decode", "decode: token by token"],
  ["backward", "backward: gradients of whole sequences"],
  ["train", "train: forward and backward"],
])}
${choice("dtype", "numbers", [
  ["", "float32"],
  ["float16", "float16"],
])}
${text("budget", "time for the run", PLAN_DEFAULTS.budget, "such as 60s or 5m")}
<label class="tick"><input type="checkbox" name="causal" autocomplete="off"> causal: no query attends to keys after it</label>
`;
}

/** What few ask for. */
export function furtherFields(): Html {
  return html`${whole("batch", "batch entries", PLAN_DEFAULTS.batch)}
${whole("kvHeads", "heads of k and v", "as many")}
${whole("valueDim", "width of values", "the head's")}
${whole("threads", "threads of a kernel", PLAN_DEFAULTS.threads)}
${choice("input", "input", [
  ["", "gaussian"],
  ["peaked", "peaked"],
  ["local", "local"],
])}
${whole("rounds", "rounds", PLAN_DEFAULTS.rounds)}
${whole("seed", "seed", PLAN_DEFAULTS.seed, 0)}
<label class="field long">parameters, one a line <textarea name="set" rows="2" spellcheck="false" autocomplete="off" placeholder="longformer.window=64"></textarea></label>
`;
}

type Name = keyof PageChoices;

function text(name: Name, title: string, usual: string, form: string): Html {
  return html`<label class="field">${title} <input type="text" name="${name}" placeholder="${usual}" title="${form}" spellcheck="false" autocapitalize="off" autocomplete="off"></label>`;
}

function whole(name: Name, title: string, usual: number | string, least = 1): Html {
  return html`<label class="field">${title} <input type="number" name="${name}" min="${least}" step="1" placeholder="${usual}" inputmode="numeric" autocomplete="off"></label>`;
}

function choice(
  name: Name,
  title: string,
  values: readonly (readonly [value: string, text: string])[],
): Html {
  return html`<label class="field">${title} <select name="${name}" autocomplete="off">${values.map(
    ([value, said]) => html`<option value="${value}">${said}</option>`,
  )}</select></label>`;
}
