import { clockText } from "../clock-text.ts";
import type { Offer } from "../protocol.ts";
import { byId, made } from "./elements.ts";
import { kernelList } from "./kernel-list.ts";
import { variantList } from "./variant-list.ts";

/** What is chosen among what this browser offers. */
export interface Chosen {
  variants(): readonly string[];
  kernels(): readonly string[];
}

/** Fills the page with what can be measured here, and says what the browser lets it see. */
export function showOffer({ version, variants, kernels, clock, lacks }: Offer): Chosen {
  byId("browser", HTMLUListElement).replaceChildren(
    made("li", clockText(clock)),
    ...lacks.map((lack) => made("li", `not here: ${lack}`, { className: "lack" })),
    made("li", `attnbench ${version}`),
  );
  const list = variantList(variants);
  const kernelsChosen = kernelList(kernels);
  for (const fields of document.querySelectorAll<HTMLFieldSetElement>("#choices fieldset")) {
    fields.disabled = false;
  }
  return { variants: list.chosen, kernels: kernelsChosen };
}
