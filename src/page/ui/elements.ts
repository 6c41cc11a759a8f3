/** The element of the page that has this id; a page without it is not ours. */
export function byId<E extends HTMLElement>(id: string, kind: new () => E): E {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new TypeError(`page: must have an element ${id}`);
}

/** An element with this text, and with these properties. */
export function made<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  text = "",
  properties: Partial<HTMLElementTagNameMap[Name]> = {},
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.textContent = text;
  return Object.assign(element, properties);
}

/** A box to tick and what it stands for. */
export function tickBox(
  text: string,
  properties: Partial<HTMLInputElement>,
): { readonly label: HTMLLabelElement; readonly input: HTMLInputElement } {
  const input = made("input", "", { type: "checkbox", autocomplete: "off", ...properties });
  const label = made("label");
  label.append(input, made("span", text));
  return { label, input };
}
