import { findTensor, openSafetensors } from "../../src/input/safetensors.ts";
import { readTensor } from "../../src/input/stored-tensor.ts";

/** Tensors that PyTorch computed in float64, which `scripts/training-fixtures.py` writes. */
export interface Fixtures {
  readonly names: readonly string[];
  tensor(name: string): { readonly shape: readonly number[]; readonly values: Float32Array };
  /** What the file says of itself under a key. */
  told<Told>(key: string): Told;
}

export function fixtures(name: string): Fixtures {
  const file = openSafetensors(`${import.meta.dirname}/fixtures/${name}.safetensors`);
  return {
    names: [...file.tensors.keys()],
    tensor(of) {
      const found = findTensor(file, of);
      return { shape: found.shape, values: readTensor(found) };
    },
    told: (key) => JSON.parse(file.metadata[key]),
  };
}
