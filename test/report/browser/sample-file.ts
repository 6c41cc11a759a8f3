import type { Traits } from "../../../src/core/traits.ts";
import type { FileData } from "../../../src/report/browser/view.ts";
import { pointOn, sampleEntry } from "../ranking/sample-entry.ts";

const traits: Traits = {
  family: "dense",
  causality: "either",
  state: "grows",
  nearness: "exact",
  learns: false,
};

/** Three variants at 256, 512, 1k and 4k: `quick` grows linearly and passes `full` between 512 and 1k; `odd` is as slow as slow can be. */
export function sampleFile(): FileData {
  const lengths = [256, 512, 1024, 4096];
  const full = sampleEntry(
    0,
    lengths.map((n) => pointOn(n, 1e-9 * n * n, { memory: 64 * n })),
    { variant: "full", baseline: 0, traits },
  );
  const quick = sampleEntry(
    1,
    lengths.map((n) => pointOn(n, 7e-7 * n, { memory: n, error: 0.1 })),
    {
      variant: "quick",
      baseline: 0,
      traits: { ...traits, family: "sparse", state: "constant", nearness: "approximate" },
    },
  );
  const odd = sampleEntry(
    2,
    lengths.map((n) => pointOn(n, 1e-3 * n)),
    { variant: "odd", baseline: 0, traits: { ...traits, family: "a,b&c=%", state: "none", nearness: "own" } },
  );
  const step = sampleEntry(3, [pointOn(8192, 1e-6)], {
    variant: "quick",
    unit: "step",
    traits: { ...traits, family: "sparse", state: "constant", nearness: "approximate" },
  });
  return { baseline: "full", unit: "pass", entries: [full, quick, odd, step] };
}
