import { existsSync } from "node:fs";
import { printable, UsageError } from "../core/errors.ts";
import type { InputSource } from "../core/tensors.ts";
import { textSource } from "./text.ts";

/** Inputs that are like real ones: how `--input` names them. Without a file they are the sample of the kind. */
export const WORKLOAD_FORMS = [
  "text:FILE",
  "speech:FILE",
  "image:FILE[,patch=16]",
  "graph:FILE",
  "graph:smiles=CCO",
] as const;

/**
 * The source of a text, a sound, a picture or a graph; null if the spec names none. Readers come with their libraries
 * only where they are needed.
 */
export async function workload(spec: string, seed: number): Promise<InputSource | null> {
  const [, kind, rest = ""] = /^(text|speech|image|graph):(.*)$/s.exec(spec) ?? [];
  switch (kind) {
    case "text":
      return textSource(rest, seed);
    case "speech": {
      const { speechSource } = await import("./speech/speech.ts");
      return speechSource(rest, seed);
    }
    case "image": {
      const { imageSource } = await import("./image/image.ts");
      const { path, patch } = patchOf(rest);
      return imageSource(path, patch, seed);
    }
    case "graph": {
      const { graphSource } = await import("./graph/graph.ts");
      return graphSource(rest, seed);
    }
    default:
      return null;
  }
}

/** The most that the side of a patch can be asked to be. */
const MOST_SIDE = 9999;

/** `FILE,patch=16`, `patch=16` for that of the sample, or no patch. */
function patchOf(text: string): { path: string; patch?: number } {
  const [, path = "", side] = /^(?:(.*),)?patch=([^,/\\]*)$/s.exec(text) ?? [];
  if (side === undefined) {
    refuseOther(text);
    return { path: text };
  }
  const patch = /^\d{1,4}$/.test(side) ? Number(side) : 0;
  if (patch >= 1) return { path, patch };
  throw new UsageError(
    `--input: patch must be the side of squares of pixels, from 1 to ${MOST_SIDE}, got '${printable(side, 40)}'`,
  );
}

/** Refuses what looks like an option of a picture and is none, unless a file is called so. */
function refuseOther(text: string): void {
  const [, option] = /(?:^|,)([\w-]+=[^,/\\]*)$/.exec(text) ?? [];
  if (option === undefined || existsSync(text)) return;
  throw new UsageError(
    `--input: a picture may be followed by patch=SIDE, got '${printable(option, 40)}'; write image:FILE,patch=16, or omit it`,
  );
}
