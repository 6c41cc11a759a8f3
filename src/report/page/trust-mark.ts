import { type Html, html } from "../../text/html.ts";
import type { TrustSign } from "../trust-sign.ts";

const kinds: Readonly<Record<TrustSign["sign"], string>> = { "✓": "fine", "⚠": "odd", "✗": "bad" };

/** Whether something can be trusted, as a link to the evidence. */
export function trustMark({ sign, text }: TrustSign, address: string): Html {
  return html`<a class="trust ${kinds[sign]}" href="${address}">${sign} ${text}</a>`;
}
