import type { Offer } from "../protocol.ts";
import { byId, made, tickBox } from "./elements.ts";

type OfferedKernel = Offer["kernels"][number];

/** Fills in the kernels; those that cannot run say why. Returns how to ask for the ids of those chosen. */
export function kernelList(kernels: readonly OfferedKernel[]): () => readonly string[] {
  const entries = kernels.map(entryOf);
  byId("kernels", HTMLElement).replaceChildren(...entries.map(({ label }) => label));
  return () => entries.filter(({ input }) => input.checked).map(({ input }) => input.value);
}

function entryOf({ id, title, details, why }: OfferedKernel) {
  const box = tickBox(id, { name: "kernels", value: id, disabled: why !== null });
  const about = why === null ? [title, details].filter(Boolean).join(", ") : `cannot run here: ${why}`;
  box.label.append(made("span", about, { className: "count" }));
  box.label.classList.toggle("cannot", why !== null);
  return box;
}
