import { printable } from "../core/errors.ts";
import { cutText } from "./cut-text.ts";

/** Markdown that is safe to put into a document as it is. */
export class Markdown {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What a template may hold: Markdown as it is, everything else as data. */
type Content = Markdown | string | number | readonly Content[];

/**
 * Builds Markdown: markdown`| ${name} |`. Interpolated strings are data on one line, of at most five hundred
 * characters: nothing in them is markup, neither Markdown nor HTML, and no site makes a link, a reference or
 * a mention of them.
 */
export function markdown(parts: TemplateStringsArray, ...contents: readonly Content[]): Markdown {
  return new Markdown(parts.reduce((text, part, index) => text + render(contents[index - 1]) + part));
}

/** A string as data, for running text, list items and the cells of a table. */
export function escapedMarkdown(text: string): string {
  const escaped = printable(cutText(text, 500), 500)
    .trim()
    // The two code points that printable leaves and no text should hold.
    .replace(/[\ufffe\uffff]/g, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`)
    .replace(/[&<>]/g, (character) => entities[character] ?? character)
    .replace(/[\\`*_[\]|~$]/g, "\\$&")
    // A comment in between is invisible, and what makes links, references and mentions looks for unbroken
    // text.
    .replace(/[@#]|:(?=\/\/)|www(?=\.)|(?<=\bmailto|\bxmpp):|\bGH(?=-\d)/gi, "$&<!-- -->");
  // What would begin a heading, a list or a rule at the start of a line.
  return escaped.replace(/^([-+=]|\d+(?=[.)](?:\s|$)))/, (start) =>
    /\d/.test(start) ? `${start}<!-- -->` : `\\${start}`,
  );
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

function render(content: Content): string {
  if (content instanceof Markdown) return content.text;
  if (typeof content === "string") return escapedMarkdown(content);
  if (typeof content === "number") return `${content}`;
  return content.map(render).join("");
}
