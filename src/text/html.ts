import { printable } from "../core/errors.ts";
import { cutText } from "./cut-text.ts";

/** Markup that is safe to put into a page as it is. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What a template may hold: markup as it is, everything else as data. */
type Content = Html | string | number | readonly Content[];

/**
 * Builds markup: html`<td>${name}</td>`. Interpolated strings are data: markup in them is escaped, control
 * and bidirectional characters are spelled out, and they are cut after a thousand characters. Attributes must
 * be quoted.
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(parts.reduce((text, part, index) => text + render(contents[index - 1]) + part));
}

/** A string as data, for text and for quoted attributes. */
export function escaped(text: string): string {
  return (
    printable(cutText(text, 1000), 1000)
      // The two code points that printable leaves and no text should hold.
      .replace(/[\ufffe\uffff]/g, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`)
      .replace(/[&<>"']/g, (character) => entities[character] ?? character)
  );
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function render(content: Content): string {
  if (content instanceof Html) return content.text;
  if (typeof content === "string") return escaped(content);
  if (typeof content === "number") return `${content}`;
  return content.map(render).join("");
}
