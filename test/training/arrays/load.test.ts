import { describe, expect, it } from "vitest";
import { loadArrays, whyNotImported } from "../../../src/training/arrays/load.ts";
import { openLearning } from "../../../src/training/open-learning.ts";

describe("the package that computes gradients", () => {
  it("names itself with its version", async () => {
    const arrays = await loadArrays();
    const learning = await openLearning();
    if (typeof arrays === "string" || typeof learning === "string")
      throw new Error("it is installed for tests");
    expect(arrays.name).toMatch(/^@jax-js\/jax \d+\.\d+\.\d+$/);
    expect(learning.name).toBe(arrays.name);
  });

  it("is asked for in one line where it is not installed, or does not load", () => {
    const missing = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
    expect(whyNotImported(missing)).toBe(
      "the package @jax-js/jax is not installed; run npm install @jax-js/jax",
    );
    expect(whyNotImported(new SyntaxError("bad\nworse"))).toBe(
      "the package @jax-js/jax does not load, bad; install it again",
    );
  });
});
