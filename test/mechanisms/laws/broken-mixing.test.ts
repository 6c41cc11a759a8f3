import { describe, expect, it } from "vitest";
import { js } from "../../../src/kernels/js/index.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import { simpleKernel } from "../../../src/kernels/simple-kernel.ts";
import { convolutionKind } from "../../../src/mechanisms/convolution/kind.ts";
import { diagonalTaps } from "../../../src/mechanisms/convolution/laws/diagonal-taps.ts";
import { impulse } from "../../../src/mechanisms/convolution/laws/impulse.ts";
import { movedWindow } from "../../../src/mechanisms/convolution/laws/moved-window.ts";
import { tokenByToken } from "../../../src/mechanisms/convolution/laws/token-by-token.ts";
import { windowOnly } from "../../../src/mechanisms/convolution/laws/window-only.ts";
import { fourierKind } from "../../../src/mechanisms/fourier/kind.ts";
import { constantAlone, twiceOver, unitImpulse } from "../../../src/mechanisms/fourier/laws/transforms.ts";
import { LAWS } from "../../../src/mechanisms/laws/named.ts";
import { heldTo } from "../../../src/verify/held-to.ts";
import { convDepthwise } from "../../../variants/baseline/conv-depthwise.ts";
import { convFull } from "../../../variants/baseline/conv-full.ts";
import { fcWindow } from "../../../variants/baseline/fc-window.ts";
import { fnet } from "../../../variants/mixing/fnet.ts";
import { subject } from "./subjects.ts";

/** What a wrong kernel of js is given, and does to what is right. */
interface Wrong {
  /** Other inputs than the problem's, made of them. */
  readonly v?: (v: Float32Array, length: number) => Float32Array;
  readonly q?: true;
  readonly causal?: boolean;
  readonly after?: (output: Float32Array, width: number) => void;
}

function wrong(id: string, { v, q, causal, after }: Wrong): Kernel {
  return simpleKernel({
    id,
    freedoms: ["kvHeads", "valueDim"],
    prepare(problem, output) {
      const { inputs, shape } = problem;
      const changed = () => ({ ...inputs, ...(v && { v: v(inputs.v, shape.length * shape.valueDim) }) });
      return () => {
        js.prepare({ ...problem, causal: causal ?? problem.causal, inputs: changed() }, output).run();
        after?.(output, shape.valueDim);
        // A trace of q that no finite number leaves.
        if (q) output[0] += inputs.q.reduce((sum, x) => sum + 0 * x, 0);
      };
    },
  });
}

const OFF = /row \d+ of batch \d+, head \d+, column \d+: got \S+, expected \S+; error \S+ over budget/;

const breaches = [
  {
    what: "a kernel that reads q, to no effect on finite numbers",
    law: windowOnly,
    variant: convDepthwise,
    kernel: wrong("reads-q", { q: true }),
    message: /^row 0, head 0 of 2: \S+ became NaN with NaN outside its window$/,
  },
  {
    what: "a kernel whose windows all end with their row",
    law: movedWindow,
    variant: fcWindow,
    kernel: wrong("always-causal", { causal: true }),
    message: OFF,
  },
  {
    what: "a convolution that reads its tokens from the last to the first, as mathematics has it",
    law: impulse,
    variant: convDepthwise,
    kernel: wrong("backwards", {
      v: (v, head) => inHeads(v, head, (own) => own.toReversed()),
    }),
    message: OFF,
  },
  {
    what: "a convolution that leaks from each channel into the next",
    law: diagonalTaps,
    variant: convFull,
    kernel: wrong("leaky", {
      after: (output) => {
        for (let at = 1; at < output.length; at++) output[at] += 1e-3 * output[at - 1];
      },
    }),
    message: OFF,
  },
  {
    what: "a network that adds the token before",
    law: tokenByToken,
    variant: fcWindow,
    kernel: wrong("residual", {
      after: (output, width) => {
        for (let at = output.length - 1; at >= width; at--) output[at] += output[at - width];
      },
    }),
    message: OFF,
  },
  {
    what: "a transform of which one frequency is forgotten",
    law: unitImpulse,
    variant: fnet,
    kernel: wrong("deaf", { after: (output, width) => output.fill(0, 3 * width, 4 * width) }),
    message: OFF,
  },
  {
    what: "a transform that leaks into the next frequency",
    law: constantAlone,
    variant: fnet,
    kernel: wrong("leaks", {
      after: (output) => {
        output[1] += 1e-4 * output[0];
      },
    }),
    message: OFF,
  },
  {
    what: "a transform that is normalised",
    law: twiceOver,
    variant: fnet,
    kernel: wrong("normalised", {
      after: (output, width) => {
        for (let at = 0; at < output.length; at++) output[at] /= Math.sqrt(41 * width);
      },
    }),
    message: OFF,
  },
];

/** Each head's numbers by themselves. */
function inHeads(v: Float32Array, size: number, change: (own: Float32Array) => Float32Array): Float32Array {
  const changed = v.slice();
  for (let at = 0; at < v.length; at += size) changed.set(change(v.subarray(at, at + size)), at);
  return changed;
}

describe("every law of convolutions and Fourier transforms", () => {
  it.each(breaches)("is broken by $what", async ({ law, variant, kernel, message }) => {
    const one = subject(variant, kernel);
    expect(law.applies(one)).toBe(true);
    expect(await law.check(heldTo(one))).toMatch(message);
    expect(await law.check(heldTo({ ...one, kernel: js }))).toBeNull();
  });

  it("has a breach here, or is a general one", () => {
    const own = [...convolutionKind.laws, ...fourierKind.laws].filter(
      (law) => !Object.values(LAWS).some((one) => one === law),
    );
    expect(new Set(breaches.map(({ law }) => law))).toEqual(new Set(own));
  });
});
