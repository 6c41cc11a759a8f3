import type { Device } from "./device.ts";
import type { OwnedBuffers } from "./owned-buffers.ts";
import { readBack } from "./read-back.ts";

/** Steps that may be started before a fence, as `Stepper.finish` says. */
const MOST_STEPS = 64;
/** Steps that are handed to the device together: it begins before the host has encoded all of a window. */
const STEPS_A_SUBMISSION = 8;
/** Where a binding may begin. */
const ALIGNMENT = 256;

/** The offset of what comes behind so many bytes, where a binding may begin. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** What a step of a queue takes in and brings, in bytes; it begins where a binding may. */
export interface StepSizes {
  readonly token: number;
  readonly output: number;
}

/**
 * Steps on their way to a device, each with a place of its own for its token and its output, so that many can be on their
 * way at once.
 */
export class StepQueue {
  readonly tokens: GPUBuffer;
  readonly outputs: GPUBuffer;
  readonly #device: Device;
  readonly #sizes: StepSizes;
  readonly #encode: (pass: GPUComputePassEncoder, place: number) => void;
  readonly #bring: (values: Float32Array, out: Float32Array) => void;
  readonly #staging: ArrayBuffer;
  /** Where the outputs of the steps since the last fence go, or, after it, of those before it. */
  #waiting: Float32Array[] = [];
  #submitted = 0;
  #isFenced = false;

  /** `encode` adds the dispatches of the step at a place, `bring` copies its output, as it lies on the device, to its token. */
  constructor(
    device: Device,
    owned: OwnedBuffers,
    sizes: StepSizes,
    encode: (pass: GPUComputePassEncoder, place: number) => void,
    bring: (values: Float32Array, out: Float32Array) => void,
  ) {
    this.#device = device;
    this.#sizes = { token: aligned(sizes.token), output: aligned(sizes.output) };
    this.#encode = encode;
    this.#bring = bring;
    this.#staging = new ArrayBuffer(MOST_STEPS * this.#sizes.token);
    this.tokens = owned.storage("tokens", this.#staging.byteLength);
    this.outputs = owned.storage("outputs", MOST_STEPS * this.#sizes.output);
  }

  /**
   * The place of the next step, from 0 on, and where the numbers of its token are put. Throws a RangeError if too many are on
   * their way.
   */
  next(): { readonly place: number; readonly floats: Float32Array; readonly words: Uint32Array } {
    if (this.#isFenced) this.forget();
    const place = this.#waiting.length;
    if (place === MOST_STEPS) {
      throw new RangeError(`step: at most ${MOST_STEPS} steps may wait for a fence; await finish first`);
    }
    const { token } = this.#sizes;
    return {
      place,
      floats: new Float32Array(this.#staging, place * token, token / 4),
      words: new Uint32Array(this.#staging, place * token, token / 4),
    };
  }

  /** Starts the step whose numbers were put there, for a token with this output. */
  start(out: Float32Array): void {
    this.#waiting.push(out);
    if (this.#waiting.length - this.#submitted === STEPS_A_SUBMISSION) this.submit();
  }

  /** Hands over what was started. */
  submit(): void {
    const count = this.#waiting.length - this.#submitted;
    if (count === 0) return;
    const { token } = this.#sizes;
    const from = this.#submitted * token;
    this.#device.write(this.tokens, from, new Uint8Array(this.#staging, from, count * token));
    const encoder = this.#device.gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (; this.#submitted < this.#waiting.length; this.#submitted++) this.#encode(pass, this.#submitted);
    pass.end();
    this.#device.gpu.queue.submit([encoder.finish()]);
  }

  /** Forgets the outputs of all steps so far, once those that were started are handed over. */
  forget(): void {
    this.submit();
    this.#waiting = [];
    this.#submitted = 0;
    this.#isFenced = false;
  }

  /** The fence. */
  async finish(): Promise<void> {
    this.submit();
    this.#isFenced = true;
    await this.#device.finish();
  }

  /** Brings the outputs of the steps before the last fence. */
  async fetch(): Promise<void> {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    const { output } = this.#sizes;
    await readBack(this.#device, this.outputs, waiting.length * output, (memory) => {
      for (const [place, out] of waiting.entries()) {
        this.#bring(new Float32Array(memory, place * output, output / 4), out);
      }
    });
  }
}
