import { type Html, html } from "../../text/html.ts";

/** What is wider than a narrow screen scrolls within its own frame, also by keyboard. */
export function scroll(label: string, content: Html, frame = "scroll"): Html {
  return html`<div class="${frame}" role="region" tabindex="0" aria-label="${label}">${content}</div>`;
}
