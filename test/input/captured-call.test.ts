import { describe, expect, it } from "vitest";
import { capturedFile } from "../../src/input/captured.ts";
import { floatBytes, rawSafetensors, truthBytes } from "./raw-files.ts";
import { refusal } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const LENGTH = 3;
const BYTES = 4 * LENGTH;

/**
 * A file of q, k and v of three tokens, or of fewer queries, with this metadata and, where given, a mask
 * `[queries, 3]`.
 */
function captured(
  metadata: Record<string, string>,
  mask: readonly boolean[] = [],
  maskName = "mask",
  queries = LENGTH,
): string {
  const tensor = (at: number, rows = LENGTH) => ({
    dtype: "F32",
    shape: [1, 1, rows, 1],
    data_offsets: [at, at + 4 * rows],
  });
  const header = {
    __metadata__: metadata,
    ...{ k: tensor(0), v: tensor(BYTES), q: tensor(2 * BYTES, queries) },
    ...(mask.length > 0 && {
      [maskName]: {
        dtype: "BOOL",
        shape: [queries, LENGTH],
        data_offsets: [2 * BYTES + 4 * queries, 2 * BYTES + 4 * queries + mask.length],
      },
    }),
  };
  const data = Buffer.concat([floatBytes(Array(2 * LENGTH + queries).fill(1)), truthBytes(mask)]);
  return folder.write("captured.safetensors", rawSafetensors(header, data));
}

const past = [true, false, false, true, true, false, true, true, true];

describe("the call that tensors were captured from", () => {
  it.each<[Record<string, string>, object]>([
    [{}, {}],
    [{ scale: "None", is_causal: "None", dropout_p: "None" }, {}],
    [
      { scale: "0.0625", is_causal: "True", dropout_p: "0.0" },
      { scale: 0.0625, causal: true },
    ],
    [
      { scale: "1e-2", is_causal: "false", dropout_p: "0" },
      { scale: 0.01, causal: false },
    ],
    [{ format: "pt" }, {}],
  ])("is what the metadata %o says", (metadata, call) => {
    expect(capturedFile(captured(metadata)).call).toEqual(
      Object.assign({ causal: undefined, scale: undefined, mask: undefined }, call),
    );
  });

  it.each(["mask", "attn_mask", "attention_mask"])("has the mask that is saved as %s", (name) => {
    const source = capturedFile(captured({ is_causal: "False", scale: "2.0" }, past, name));
    expect(source.call).toEqual({ causal: true, scale: 2, mask: undefined });
    expect(capturedFile(captured({}, Array(9).fill(true), name)).call).toMatchObject({ causal: false });
  });

  it("takes no mask that is not named where tensors are", () => {
    const path = captured({}, past);
    expect(capturedFile(path, "q,k,v").call?.causal).toBeUndefined();
    expect(capturedFile(path, "{q,k,v},mask").call?.causal).toBe(true);
    expect(refusal(() => capturedFile(path, "q,k,v,bias"))).toContain("must hold a tensor 'bias'");
  });

  it.each<[Record<string, string>, string]>([
    [{ scale: "0" }, "scale must be a number from 1e-30 to 1e+30, got '0'; save str(float(scale))"],
    [{ scale: "-1.0" }, "got '-1.0'"],
    [{ scale: "nan" }, "got 'nan'"],
    [{ scale: "inf" }, "got 'inf'"],
    [{ scale: "tensor(0.5000)" }, "got 'tensor(0.5000)'"],
    [{ scale: "\u001b[2J" }, "got '\\u{1b}[2J'"],
    [{ is_causal: "maybe" }, "is_causal must be True or False, got 'maybe'"],
    [{ dropout_p: "0.1" }, "dropout_p must be 0, got '0.1'; capture from model.eval()"],
    [{ dropout_p: "NaN" }, "dropout_p must be 0"],
  ])("is refused where the metadata says %o", (metadata, message) => {
    expect(refusal(() => capturedFile(captured(metadata)))).toContain(message);
  });

  it.each([1, 2])("is causal at the end with %d queries to three keys if its mask is", (queries) => {
    const rows = past.slice(LENGTH * (LENGTH - queries));
    const source = capturedFile(captured({ is_causal: "False" }, rows, "mask", queries));
    // One query at the last key sees all of them.
    expect(source.call).toEqual({ causal: queries > 1, scale: undefined, mask: undefined });
  });

  it.each([1, 2])("is refused if it says is_causal with %d queries to three keys", (queries) => {
    expect(refusal(() => capturedFile(captured({ is_causal: "True" }, [], "mask", queries)))).toContain(
      `is_causal must be False with ${queries} ${queries === 1 ? "query" : "queries"} and 3 keys, got True: PyTorch aligns it at the first key`,
    );
    expect(capturedFile(captured({ is_causal: "False" }, [], "mask", queries)).call?.causal).toBe(false);
  });
});
