import { parameterize } from "../../core/variant.ts";
import { underCall } from "../../pattern/under-call.ts";
import { fullReference } from "../../reference/reference.ts";
import { expectation } from "../expectation.ts";
import { gateRows } from "../rows.ts";
import { type Law, outputOf, problemOf } from "./law.ts";

/** Window ≥ N, stride 1, tokens ≥ N, all blocks: each parameter at the value where it declares itself full gives full attention. */
export const saturation: Law = {
  title: "each parameter at its widest equals full attention",
  applies: ({ variant }) => Object.values(variant.params).some(({ fullAt }) => fullAt !== undefined),
  check(subject) {
    const { variant, filled, kernel, shape, seed } = subject;
    const call = filled.mechanism.kind === "softmaxPattern" ? { scale: filled.mechanism.scale } : {};
    for (const [name, { fullAt }] of Object.entries(variant.params)) {
      if (fullAt === undefined) continue;
      const value = fullAt(shape.length);
      const widest = parameterize(variant, { ...filled.params, [name]: value });
      const mechanism = underCall(widest.mechanism, call);
      const problem = problemOf({ ...subject, filled: { ...widest, mechanism } });
      const full = expectation(problem, fullReference(problem, call), gateRows(shape, seed), seed);
      const { failure } = full.compare(outputOf(problem, kernel));
      if (failure !== null) return `${name}=${value}: ${failure}`;
    }
    return null;
  },
};
