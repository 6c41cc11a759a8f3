import { existsSync } from "node:fs";
import { printable, UsageError, unknownName } from "../core/errors.ts";
import type { InputSource } from "../core/tensors.ts";
import { look, withFile } from "../files/readable-file.ts";
import { capturedFile, capturedFolder, type FileReading, isTensorFile } from "./captured.ts";
import { toldUnlessText } from "./file-kind.ts";
import { SYNTHETIC_KINDS, syntheticSource } from "./synthetic.ts";
import { WORKLOAD_FORMS, workload } from "./workloads.ts";

/** What `--input` takes, for help and messages. */
const INPUT_FORMS = [
  ...SYNTHETIC_KINDS,
  ...WORKLOAD_FORMS,
  "FILE.safetensors",
  "FILE.npz",
  "an index of shards",
  "a folder with q.npy, k.npy and v.npy",
] as const;

/**
 * The source that `--input` names; `seed` is that of synthetic inputs and of a workload's projections, `tensors`
 * what `--tensors` says for a file whose tensors are not named q, k and v, `reading` whether a file's are whole tokens.
 */
export async function openInput(
  spec: string,
  seed: number,
  tensors?: string,
  reading: FileReading = {},
): Promise<InputSource> {
  const source = await generated(spec, seed);
  if (source !== null) {
    if (tensors === undefined) return source;
    throw new UsageError(`--tensors: names tensors of a file, got the input ${printable(spec, 60)}; omit it`);
  }
  const meantAsPath = /[/\\]|\.(safetensors|npy|npz|index\.json)$/i.test(spec);
  if (!meantAsPath && !existsSync(spec)) throw unknownName("input", spec, INPUT_FORMS);
  if (look(spec).isDirectory()) return capturedFolder(spec, tensors, reading);
  if (isTensorFile(spec)) return capturedFile(spec, tensors, reading);
  const must = "a file of inputs must end in .safetensors, .safetensors.index.json or .npz";
  const where = printable(spec);
  if (/\.npy$/i.test(spec)) {
    throw new UsageError(`${where}: ${must}; name the folder that holds q.npy, k.npy and v.npy`);
  }
  const told = withFile(spec, (file) => toldUnlessText(where, must, file));
  throw (
    told ??
    new UsageError(`${where}: ${must}; save the tensors as safetensors, or write text:FILE for a text`)
  );
}

/** Inputs that are not files of tensors: seeded numbers, or a workload; null if the spec names neither. */
async function generated(spec: string, seed: number): Promise<InputSource | null> {
  const kind = SYNTHETIC_KINDS.find((known) => known === spec);
  return kind === undefined ? await workload(spec, seed) : syntheticSource(kind, seed);
}
