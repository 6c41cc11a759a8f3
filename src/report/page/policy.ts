import { sha256 } from "../../core/sha256.ts";
import { Html } from "../../text/html.ts";
import { utf8Bytes } from "../../text/utf8-bytes.ts";

/** A script or a style sheet in the page, and how the page's policy identifies it. */
interface Inline {
  readonly element: Html;
  /** `'sha256-…'`, of the text between the tags. */
  readonly source: string;
}

/** A script that runs, ours or a dependency's: never a string from a results file. */
export function inlineScript(text: string): Inline {
  return inline("script", text);
}

/** A style sheet. */
export function inlineStyle(text: string): Inline {
  return inline("style", text);
}

/** Data for the page's scripts, which nothing runs. */
export function inlineData(value: unknown): Html {
  return new Html(`<script type="application/json">${embeddedJson(value)}</script>`);
}

/** The bytes that such data takes in the page. */
export function dataSize(value: unknown): number {
  return utf8Bytes(inlineData(value).text);
}

/**
 * The page's policy: these scripts and these styles, pictures within the page, and no request to anywhere.
 */
export function contentPolicy(scripts: readonly Inline[], styles: readonly Inline[]): string {
  const sources = (inlines: readonly Inline[]) =>
    inlines.length === 0 ? "'none'" : inlines.map(({ source }) => source).join(" ");
  return [
    "default-src 'none'",
    `script-src ${sources(scripts)}`,
    `style-src ${sources(styles)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/**
 * JSON that means the same to a JSON parser, contains nothing an HTML parser would act on, and holds no
 * unprintable character.
 */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\ufffe\uffff]/gu, (character) =>
    // One by one, because a character beyond the 16 bits is written as two.
    Array.from({ length: character.length }, (_, at) => unicodeEscape(character.charCodeAt(at))).join(""),
  );
}

function unicodeEscape(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

function inline(tag: "script" | "style", text: string): Inline {
  // A parser would end the element there, or read a carriage return as a line feed, which would change the
  // hash.
  if (/<\/(?:script|style)|<!--|[\r\0]/i.test(text)) {
    throw new Error(`page: a ${tag} must hold no tag of its own, no comment of HTML and no carriage return`);
  }
  const hash = btoa(String.fromCharCode(...sha256(new TextEncoder().encode(text))));
  return { element: new Html(`<${tag}>${text}</${tag}>`), source: `'sha256-${hash}'` };
}
