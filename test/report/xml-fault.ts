const attribute = /\s+[\w:-]+="(?:[^<&"]|&(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)*"/;
const tag = new RegExp(`<(/?)([A-Za-z][\\w:-]*)((?:${attribute.source})*)\\s*(/?)>`, "y");
const text = /(?:[^<&]|&(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)+/y;

/** Where the text stops being well-formed XML of elements, attributes and character data; null where it never does. */
export function xmlFault(xml: string): string | null {
  const open: string[] = [];
  for (let at = 0; at < xml.length; ) {
    if (at > 0 && open.length === 0) return `text after the root at ${at}`;
    text.lastIndex = at;
    tag.lastIndex = at;
    const found = (open.length > 0 ? text.exec(xml) : null) ?? tag.exec(xml);
    if (found === null) return `at ${at}: ${xml.slice(at, at + 80)}`;
    const [whole, closes, name, attributes, empty] = found;
    at += whole.length;
    if (name === undefined) continue;
    const names = attributes.match(/[\w:-]+(?==")/g) ?? [];
    if (new Set(names).size < names.length) return `an attribute twice in ${whole}`;
    if (closes === "/" && open.pop() !== name) return `${whole} closes another element`;
    if (closes !== "/" && empty !== "/") open.push(name);
  }
  return open.length === 0 ? null : `${open.join(" ")} left open`;
}
