import { Worker } from "node:worker_threads";
import type { CellFacts } from "../core/block-lines.ts";
import { messageOf } from "../core/errors.ts";
import type { SlotPlan } from "../measure/slot.ts";
import type { OpenRequest, SlotTimes } from "./arm.ts";
import type { ArmAnswer, ArmRequest, ArmSettings } from "./arm-thread.ts";

/** Which side of a block; the twin is a second load of base. */
export type ArmName = "base" | "head" | "twin";

/** An arm that can no longer be asked: its thread died, or its code cannot be loaded. */
export class ArmLost extends Error {
  override name = "ArmLost";
  readonly arm: ArmName;
  constructor(arm: ArmName, message: string) {
    super(message);
    this.arm = arm;
  }
}

/** One side in a thread of its own, asked one thing at a time: while it computes, nobody else does. */
export class ArmHandle {
  readonly name: ArmName;
  /** Resolves when its code is loaded. */
  readonly loaded: Promise<unknown>;
  readonly #worker: Worker;
  #pending: PromiseWithResolvers<unknown> | null = null;
  #lost: ArmLost | null = null;

  constructor(name: ArmName, settings: ArmSettings) {
    this.name = name;
    // Compiled, this file and the thread's end in .js.
    this.#worker = new Worker(new URL(`./arm-thread${import.meta.url.slice(-3)}`, import.meta.url), {
      workerData: settings,
    });
    this.loaded = this.#answer();
    // Whoever waits for it hears of it, and nobody else need.
    this.loaded.catch(() => {});
    this.#worker.on("message", (answer: ArmAnswer) => {
      const pending = this.#pending;
      this.#pending = null;
      if (answer.ok) pending?.resolve(answer.value);
      else pending?.reject(new ArmLost(this.name, answer.why));
    });
    this.#worker.on("error", (error) => this.#end(messageOf(error)));
    this.#worker.on("exit", (code) => this.#end(`its thread ended by itself, code ${code}`));
  }

  async open(request: OpenRequest): Promise<CellFacts> {
    return (await this.#ask({ kind: "open", request })) as CellFacts;
  }

  async openYardstick(): Promise<number> {
    return (await this.#ask({ kind: "yardstick" })) as number;
  }

  async slot(plan: SlotPlan, pad: number): Promise<SlotTimes> {
    return (await this.#ask({ kind: "slot", plan, pad })) as SlotTimes;
  }

  async collect(): Promise<void> {
    await this.#ask({ kind: "collect" });
  }

  async close(): Promise<void> {
    await this.#ask({ kind: "close" });
  }

  #ask(request: ArmRequest): Promise<unknown> {
    const answer = this.#answer();
    this.#worker.postMessage(request);
    return answer;
  }

  #answer(): Promise<unknown> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    this.#pending = Promise.withResolvers();
    return this.#pending.promise;
  }

  #end(why: string): void {
    this.#lost ??= new ArmLost(this.name, why);
    this.#pending?.reject(this.#lost);
    this.#pending = null;
  }
}
