import { type Html, html } from "../../text/html.ts";

/** What is wider than a narrow screen moves within its own frame, by keyboard too. */
export function scroll(label: string, content: Html, frame = "scroll"): Html {
  return html`<div class="${frame}" role="region" tabindex="0" aria-label="${label}">${content}</div>`;
}
