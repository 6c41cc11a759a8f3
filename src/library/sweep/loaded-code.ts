import { remembered } from "../../core/remembered.ts";
import type { InputSource } from "../../core/tensors.ts";
import { openInput } from "../../input/open-input.ts";
import { type LoadedCatalogue, loadCatalogue } from "../catalogue.ts";
import { readingOf } from "../file-reading.ts";
import { kernelEntries, pluginsWith } from "../kernel-choice.ts";
import { inputOf, type TypedChoices } from "../plan-options.ts";
import { simdOf } from "../simd-option.ts";

/** Code and inputs, each loaded once: of inputs, which may be large, the last is kept. */
export class LoadedCode {
  readonly #catalogues = new Map<string, Promise<LoadedCatalogue>>();
  #last: { readonly key: string; readonly source: Promise<InputSource> } | null = null;

  catalogue(choices: TypedChoices): Promise<LoadedCatalogue> {
    const plugins = pluginsWith(choices);
    const named = kernelEntries(choices.kernel) ?? [];
    const key = JSON.stringify([plugins, choices.simd ?? null, named]);
    return remembered(this.#catalogues, key, () => loadCatalogue(plugins, simdOf(choices.simd), named));
  }

  source(choices: TypedChoices, catalogue: LoadedCatalogue): Promise<InputSource> {
    const { spec, seed, tensors } = inputOf(choices);
    const reading = readingOf(choices, catalogue);
    const key = JSON.stringify([spec, seed, tensors ?? null, reading]);
    if (this.#last?.key !== key) this.#last = { key, source: openInput(spec, seed, tensors, reading) };
    return this.#last.source;
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#catalogues.values());
    for (const one of opened) if (one.status === "fulfilled") await one.value.close();
  }
}
