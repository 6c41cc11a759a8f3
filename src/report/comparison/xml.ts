import { printable } from "../../core/errors.ts";

/** XML that is well-formed as it is. */
export class Xml {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** An element with its attributes and what is in it: elements, or one text. Both take any string as data. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: readonly Xml[] | string = [],
): Xml {
  const head = [
    name,
    ...Object.entries(attributes).map(([key, value]) => `${key}="${data(`${value}`)}"`),
  ].join(" ");
  if (content.length === 0) return new Xml(`<${head}/>`);
  if (typeof content === "string") return new Xml(`<${head}>${data(content)}</${name}>`);
  const lines = content.map(({ text }) => text.replaceAll(/^/gm, "  "));
  return new Xml(`<${head}>\n${lines.join("\n")}\n</${name}>`);
}

/** On one line and of at most a thousand characters; what XML cannot represent is spelled out. */
function data(text: string): string {
  return printable(text, 1000)
    .replace(/[\ufffe\uffff]/g, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`)
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
