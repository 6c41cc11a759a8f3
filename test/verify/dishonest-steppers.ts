import type { AttentionInputs } from "../../src/core/tensors.ts";
import { js } from "../../src/kernels/js/index.ts";
import type { DecodeKernel, Stepper, Token } from "../../src/kernels/stepper.ts";

/** What a bent stepper does in the place of the honest one. */
interface Bent {
  prefill?(inputs: AttentionInputs, count: number): void;
  step?(token: Token): void;
  reset?(): void;
  position?(): number;
}

/** A right stepper, bent. */
function bent(bend: (inner: Stepper) => Bent): DecodeKernel {
  const { decode } = js;
  if (decode === undefined) throw new TypeError("js decodes");
  return {
    supports: decode.supports,
    prepare(task) {
      const inner = decode.prepare(task);
      const other = bend(inner);
      return {
        get position() {
          return other.position?.() ?? inner.position;
        },
        capacity: inner.capacity,
        get stateBytes() {
          return inner.stateBytes;
        },
        get stepBytes() {
          return inner.stepBytes;
        },
        workspaceBytes: inner.workspaceBytes,
        reset: () => (other.reset === undefined ? inner.reset() : other.reset()),
        prefill: (inputs, count) =>
          other.prefill === undefined ? inner.prefill(inputs, count) : other.prefill(inputs, count),
        step: (token) => (other.step === undefined ? inner.step(token) : other.step(token)),
        dispose: () => inner.dispose(),
      };
    },
  };
}

/** Takes in the token, but takes its output from `known` where there is one of the same key. */
function remembering(key: (token: Token, position: number) => unknown): DecodeKernel {
  return bent((inner) => {
    const known = new Map<unknown, Float32Array>();
    const aside = new Map<number, Float32Array>();
    return {
      step(token) {
        const now = key(token, inner.position);
        const ready = known.get(now);
        const out = ready === undefined ? token.out : (aside.get(token.out.length) ?? token.out.slice());
        inner.step({ ...token, out });
        if (ready === undefined) known.set(now, out.slice());
        else token.out.set(ready);
      },
    };
  });
}

export const dishonestSteppers: Readonly<Record<string, DecodeKernel>> = {
  "remembers outputs by position": remembering((_, position) => position),
  "remembers outputs by position and the first elements": remembering(
    ({ q, k, v }, position) => `${position} ${q[0]} ${k[0]} ${v[0]}`,
  ),
  "remembers outputs by q": remembering(({ q }) => q.join()),
  "computes only over NaN after two passes": bent((inner) => {
    const passes = new Map<number, number>();
    return {
      step(token) {
        const pass = passes.get(inner.position) ?? 0;
        passes.set(inner.position, pass + 1);
        const skips = pass >= 2 && !Number.isNaN(token.out[0]);
        inner.step(skips ? { ...token, out: token.out.slice() } : token);
      },
    };
  }),
  "takes a prefill in at the first step": bent((inner) => {
    const due: { inputs: AttentionInputs; count: number }[] = [];
    const promised = () => due.reduce((sum, { count }) => sum + count, 0);
    return {
      position: () => inner.position + promised(),
      prefill: (inputs, count) => void due.push({ inputs, count }),
      reset() {
        due.length = 0;
        inner.reset();
      },
      step(token) {
        for (const { inputs, count } of due.splice(0)) inner.prefill(inputs, count);
        inner.step(token);
      },
    };
  }),
  "takes a prefix for the one before by its first token": bent((inner) => {
    let known: { first: number; kept: AttentionInputs } | null = null;
    return {
      prefill(inputs, count) {
        const [first] = inputs.k;
        if (known?.first !== first) {
          const { shape, q, k, v } = inputs;
          known = { first, kept: { shape, q: q.slice(), k: k.slice(), v: v.slice() } };
        }
        inner.prefill(known.kept, count);
      },
    };
  }),
  "reads the tokens to come in the buffer of one": bent((inner) => ({
    step(token) {
      const { buffer, byteOffset, length } = token.k;
      const next = byteOffset + 4 * length;
      const ahead = next + 4 * length <= buffer.byteLength;
      // Only what finds nothing there computes as it should.
      if (ahead) token.out.fill(1);
      else inner.step(token);
      if (ahead) inner.step({ ...token, out: token.out.slice() });
    },
  })),
  "leaves the last token of a window out of its sums": bent((inner) => ({
    step(token) {
      inner.step({ ...token, v: token.v.map((x) => x * (1 + 1e-4)) });
    },
  })),
};
/** Read-ahead finds nothing where every token has a buffer of its own. */
export const HARMLESS = "reads the tokens to come in the buffer of one";
