import type { Shape } from "../../core/shape.ts";
import type { AttentionInputs } from "../../core/tensors.ts";
import type { Stepper, Token } from "../stepper.ts";
import { checkPrefill, checkStep } from "./refuse.ts";

/** What a stepper does whose state has one size, whatever the position. */
export interface ConstantState {
  readonly stateBytes: number;
  readonly workspaceBytes: number;
  /** Forgets all tokens. */
  clear(): void;
  /** Takes in tokens `from … to - 1` of the inputs. */
  takeIn(inputs: AttentionInputs, from: number, to: number): void;
  /** Takes in the token at a position and writes its output. */
  step(token: Token, position: number): void;
  /** As those of a stepper; omitted if it computes before it returns. */
  finish?(): Promise<void>;
  fetch?(): Promise<void>;
  dispose(): void;
}

/** A stepper of such a state, all of which each step reads and writes: it knows its position, and refuses what is past it. */
export function constantStateStepper(shape: Shape, state: ConstantState): Stepper {
  const { stateBytes, workspaceBytes } = state;
  const { length } = shape;
  let position = 0;
  return {
    get position() {
      return position;
    },
    capacity: length,
    stateBytes,
    get stepBytes() {
      return position < length ? 2 * stateBytes : 0;
    },
    workspaceBytes,
    reset() {
      state.clear();
      position = 0;
    },
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      state.takeIn(inputs, position, position + count);
      position += count;
    },
    step(token) {
      checkStep(shape, position, token);
      state.step(token, position);
      position++;
    },
    ...(state.finish !== undefined && { finish: () => state.finish?.() ?? Promise.resolve() }),
    ...(state.fetch !== undefined && { fetch: () => state.fetch?.() }),
    dispose: () => state.dispose(),
  };
}
