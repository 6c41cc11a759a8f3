import { printable, UsageError } from "../core/errors.ts";
import { hashText, randomStream } from "../core/random.ts";
import type { InputSource } from "../core/tensors.ts";
import { withFile } from "../files/readable-file.ts";
import { countText } from "../text/count-text.ts";
import { readWhole } from "./bounded-file.ts";
import { TO_UTF8, wrongKind } from "./file-kind.ts";
import { POSITIONED, positionAt, positionFrequencies } from "./positions.ts";
import { SAMPLES } from "./samples.ts";
import { type TokenSequence, tokenize } from "./tokens.ts";
import { vectorSource } from "./vector-source.ts";

/** The longest text read, in bytes; about ten million words. */
const MAX_TEXT_BYTES = 1 << 26;

/**
 * A UTF-8 text as attention inputs, the sample if no file is named: its tokens are embedded and given sinusoidal
 * positions, with seeded gaussian weights. Nothing is trained: the inputs have the repetitions of language and no
 * meaning.
 */
export function textSource(path: string, seed: number): InputSource {
  const where = path === "" ? "sample" : printable(path);
  const from = path === "" ? SAMPLES.text : path;
  const bytes = readWhole(from, where, MAX_TEXT_BYTES, "a text");
  const text = decoded(bytes);
  if (text === null) throw withFile(from, (file) => wrongKind(where, "a text in UTF-8", file, TO_UTF8));
  const tokens = tokenize(text);
  const count = tokens.ids.length;
  if (!(count >= 1)) {
    const got = bytes.length === 0 ? "an empty file" : "nothing but white space";
    throw new UsageError(
      `${where}: a text must hold at least one word, got ${got}; save it again, or name another`,
    );
  }
  return vectorSource(
    {
      kind: "text",
      where,
      files: [from],
      told: `${countText(bytes.length, "byte")} → ${countText(count, "token")}, ${tokens.distinct.length} of them different`,
      count,
      rows(width) {
        const embed = embeddings(tokens, seed, width);
        const frequencies = positionFrequencies(width);
        return (row, token, position) => {
          const embedding = embed(tokens.ids[token]);
          for (let index = 0; index < row.length; index++) {
            row[index] = POSITIONED * (embedding[index] + positionAt(position, index, frequencies));
          }
        };
      },
    },
    seed,
  );
}

/** Null if it is no text in UTF-8; one in UTF-16 may look like it, but for its zeros. */
function decoded(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Standard normal vectors that depend on the token's letters alone, each made when it is first asked for. */
function embeddings(tokens: TokenSequence, seed: number, width: number): (id: number) => Float64Array {
  const made = new Map<number, Float64Array>();
  return (id) => {
    let embedding = made.get(id);
    if (embedding === undefined) {
      const random = randomStream(seed, hashText("token embedding"), hashText(tokens.distinct[id]));
      embedding = Float64Array.from({ length: width }, () => random.gaussian());
      made.set(id, embedding);
    }
    return embedding;
  };
}
