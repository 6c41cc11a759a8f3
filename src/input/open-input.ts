import { existsSync } from "node:fs";
import { printable, UsageError, unknownName } from "../core/errors.ts";
import type { InputSource } from "../core/tensors.ts";
import { look } from "../files/readable-file.ts";
import { capturedFile, capturedFolder } from "./captured.ts";
import { SYNTHETIC_KINDS, syntheticSource } from "./synthetic.ts";
import { textSource } from "./text.ts";

const TEXT_PREFIX = "text:";

/** What `--input` takes, for help and messages. */
const INPUT_FORMS = [
  ...SYNTHETIC_KINDS,
  `${TEXT_PREFIX}FILE`,
  "FILE.safetensors",
  "a folder with q.npy, k.npy and v.npy",
] as const;

/** The source that `--input` names; `seed` is that of synthetic inputs and of a text's projections. */
export function openInput(spec: string, seed: number): InputSource {
  const kind = SYNTHETIC_KINDS.find((known) => known === spec);
  if (kind !== undefined) return syntheticSource(kind, seed);
  if (spec === TEXT_PREFIX) throw new UsageError(`--input: ${TEXT_PREFIX} must name a file, got none`);
  if (spec.startsWith(TEXT_PREFIX)) return textSource(spec.slice(TEXT_PREFIX.length), seed);
  const meantAsPath = /[/\\]|\.safetensors$|\.npy$/.test(spec);
  if (!meantAsPath && !existsSync(spec)) throw unknownName("input", spec, INPUT_FORMS);
  if (look(spec).isDirectory()) return capturedFolder(spec);
  if (spec.endsWith(".safetensors")) return capturedFile(spec);
  const advice = spec.endsWith(".npy")
    ? "name the folder that holds q.npy, k.npy and v.npy"
    : `save the tensors as safetensors, or write ${TEXT_PREFIX}FILE for a text`;
  throw new UsageError(`${printable(spec)}: a file of inputs must end in .safetensors; ${advice}`);
}
