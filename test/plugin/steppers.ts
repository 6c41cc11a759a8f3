import { isSoftmaxPattern, type Kernel, type Stepper, simpleKernel, type Task } from "attnbench";

/** Keeps all keys and values, and attends all of them: what full attention decodes to. */
function steps({ shape }: Task, forgets: boolean): Stepper {
  const { batch, heads, length, headDim } = shape;
  const slices = batch * heads;
  const keys: Float32Array[] = Array.from({ length: slices }, () => new Float32Array(length * headDim));
  const values: Float32Array[] = Array.from({ length: slices }, () => new Float32Array(length * headDim));
  let position = 0;
  const keep = (slice: number, token: number, k: Float32Array, v: Float32Array, at: number): void => {
    if (token >= length) throw new RangeError(`${token + 1} tokens must fit into ${length}`);
    keys[slice].set(k.subarray(at, at + headDim), token * headDim);
    values[slice].set(v.subarray(at, at + headDim), token * headDim);
  };
  const bytes = () => slices * 2 * position * headDim * 4;
  return {
    get position() {
      return position;
    },
    capacity: length,
    get stateBytes() {
      return bytes();
    },
    get stepBytes() {
      return bytes();
    },
    workspaceBytes: null,
    reset() {
      position = 0;
    },
    prefill(inputs, count) {
      for (let token = position; token < position + count; token++) {
        for (let slice = 0; slice < slices; slice++) {
          keep(slice, token, inputs.k, inputs.v, (slice * inputs.shape.length + token) * headDim);
        }
      }
      position += count;
    },
    step({ q, k, v, out }) {
      for (let slice = 0; slice < slices; slice++) {
        const at = slice * headDim;
        keep(slice, position, k, v, at);
        const logits: number[] = [];
        for (let key = forgets ? 1 : 0; key <= position; key++) {
          let dot = 0;
          for (let i = 0; i < headDim; i++) dot += q[at + i] * keys[slice][key * headDim + i];
          logits.push(dot / Math.sqrt(headDim));
        }
        const largest = Math.max(...logits);
        const weights = logits.map((logit) => Math.exp(logit - largest));
        const total = weights.reduce((a, b) => a + b, 0);
        for (let i = 0; i < headDim; i++) {
          let sum = 0;
          for (const [index, weight] of weights.entries()) {
            sum += weight * values[slice][(index + (forgets ? 1 : 0)) * headDim + i];
          }
          out[at + i] = sum / total;
        }
      }
      position++;
    },
    dispose() {},
  };
}

function decoding(id: string, forgets: boolean): Kernel {
  return {
    ...simpleKernel({ id, supports: () => "it decodes only", prepare: () => () => {} }),
    decode: {
      supports: ({ mechanism }) => isSoftmaxPattern(mechanism) || "it has no feature maps",
      prepare: (task) => steps(task, forgets),
    },
  };
}

/** The first is right on full attention; the second leaves out the first key; the third cannot even say what it takes. */
export const kernels: Kernel[] = [
  decoding("steps", false),
  decoding("forgets", true),
  {
    ...decoding("unsure", false),
    decode: {
      supports: () => {
        throw new Error("who knows");
      },
      prepare: (task) => steps(task, false),
    },
  },
];
