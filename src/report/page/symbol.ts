import { type Html, html } from "../../text/html.ts";
import type { Look } from "../charts/look.ts";

/**
 * A variant's mark as its lines have it. The colour is an attribute, which the style sheet swaps in dark
 * mode.
 */
export function symbol({ color, shape }: Look): Html {
  return html`<svg class="symbol" viewBox="-8 -8 16 16" width="14" height="14" aria-hidden="true"><path fill="${color}" d="${outlines[shape]}"/></svg>`;
}

const outlines: Readonly<Record<Look["shape"], string>> = {
  circle: "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0z",
  square: "M-5.5-5.5h11v11h-11z",
  "triangle-up": "M0-6.5L7 5.5H-7z",
  diamond: "M0-7.5L7.5 0L0 7.5L-7.5 0z",
  cross: "M-2.5-7h5v4.5H7v5H2.5V7h-5V2.5H-7v-5h4.5z",
  "triangle-down": "M0 6.5L7-5.5H-7z",
  "triangle-right": "M6.5 0L-5.5 7V-7z",
  "triangle-left": "M-6.5 0L5.5 7V-7z",
};
