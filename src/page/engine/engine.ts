import { messageOf } from "../../core/errors.ts";
import type { Catalogue } from "../../plugins/load-plugin.ts";
import type { PageChoices } from "../choices.ts";
import type { EngineTells, PageAsks, PageProgress } from "../protocol.ts";
import { openCatalogue } from "./catalogue.ts";
import { measure } from "./measure.ts";
import { offerOf } from "./offer.ts";
import { type PreparedPlan, planFor } from "./plan-for.ts";

/** What the page asks is done here, and what comes of it is told. Kernels are opened once, when first asked for. */
export class Engine {
  readonly #tell: (told: EngineTells) => void;
  #catalogue: Promise<Catalogue> | null = null;
  /** Ends the run under way; null if there is none. */
  #running: AbortController | null = null;

  constructor(tell: (told: EngineTells) => void) {
    this.#tell = tell;
  }

  /** Resolves once it was answered; never throws. */
  async hear(asked: PageAsks): Promise<void> {
    try {
      switch (asked.ask) {
        case "describe":
          return this.#tell({ tell: "ready", offer: offerOf(await this.#opened()) });
        case "stop":
          return this.#running?.abort();
        case "run":
          return await this.#run(asked.choices);
        default:
          return asked satisfies never;
      }
    } catch (thrown) {
      this.#tell({ tell: "failed", why: messageOf(thrown) });
    }
  }

  async #run(choices: PageChoices): Promise<void> {
    if (this.#running !== null) {
      return this.#tell({ tell: "refused", why: "run: one at a time, and one is under way; stop it first" });
    }
    const running = new AbortController();
    this.#running = running;
    try {
      const catalogue = await this.#opened();
      let prepared: PreparedPlan;
      try {
        prepared = planFor(choices, catalogue);
      } catch (thrown) {
        return this.#tell({ tell: "refused", why: messageOf(thrown) });
      }
      for (const text of prepared.remarks) this.#tell({ tell: "remark", text });
      const observe = (progress: PageProgress) => this.#tell({ tell: "progress", progress });
      for await (const line of measure(prepared, catalogue, running.signal, observe)) {
        this.#tell({ tell: "line", line });
      }
      this.#tell({ tell: "ended", stopped: running.signal.aborted });
    } finally {
      this.#running = null;
    }
  }

  #opened(): Promise<Catalogue> {
    this.#catalogue ??= openCatalogue();
    return this.#catalogue;
  }
}
