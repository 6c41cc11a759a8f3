import { expect, test } from "vitest";
import { refuseOtherPrograms } from "../../../src/library/gate-session/refuse-programs.ts";
import { refusal } from "../../input/refusal.ts";

const pythons = ["peer:pytorch@old/python3", "peer:pytorch@new/python3"];

test("kernels of a side, and attnbench's own, are let through", () => {
  expect(() => refuseOtherPrograms(["../base", "."], undefined)).not.toThrow();
  expect(() => refuseOtherPrograms(["../base", "."], "wasm,js")).not.toThrow();
  expect(() => refuseOtherPrograms(pythons, "torch-flash,torch-flex")).not.toThrow();
});

test("a peer that no side is would be the same on both, and the line says how two versions are compared", () => {
  expect(refusal(() => refuseOtherPrograms(["../base", "."], "wasm,torch-flash"))).toBe(
    "--kernel torch-flash: must be of a side, got one of PyTorch; name two Pythons that have it as --base peer:pytorch@OLD/bin/python3 and --head peer:pytorch@NEW/bin/python3",
  );
  expect(refusal(() => refuseOtherPrograms(pythons, "hf-longformer"))).toMatch(/peer:huggingface@OLD/);
  expect(refusal(() => refuseOtherPrograms(["../base", "."], "onnx-mha"))).toMatch(
    /a folder of each version/,
  );
});

test("a program among the kernels is refused, since it belongs to the sides", () => {
  expect(refusal(() => refuseOtherPrograms(["a.py", "b.py"], `exec:"python3 c.py"`))).toMatch(
    /name its versions as --base and --head/,
  );
});
