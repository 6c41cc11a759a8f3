import type {
  ComparedCell,
  ComparedMean,
  Comparison,
  TimeVerdict,
  Verdict,
  WorkChange,
} from "../../../src/compare/comparison.ts";

/** A cell of a comparison that never was; what is not given is that of one that stayed the same. */
export function sampleCell(given: Partial<ComparedCell> = {}): ComparedCell {
  const { variant = "local", kernel = "wasm", length = 1024 } = given;
  const { ratio } = given.time ?? { ratio: 1.002 };
  return {
    case: `${variant}/${kernel}/b1h4n${length}d64`,
    variant,
    kernel,
    length,
    batch: 1,
    heads: 4,
    head_dim: 64,
    causal: false,
    threads: 1,
    params: {},
    base_s: 1e-3,
    head_s: 1e-3 * ratio,
    time: { ratio: 1.002, low: 0.994, high: 1.009 },
    count: 16,
    verdict: "same",
    medianVerdict: medianOf(given.verdict ?? "same"),
    mean: sampleMean({ verdict: medianOf(given.verdict ?? "same"), time: given.time ?? SAME }),
    detectable: 0.031,
    note: null,
    ...given,
  };
}

const SAME = { ratio: 1.002, low: 0.994, high: 1.009 };

function medianOf(verdict: Verdict): TimeVerdict {
  return verdict === "same-median" ? "same" : verdict;
}

/** The mean of such a cell. */
export function sampleMean(given: Partial<ComparedMean> = {}): ComparedMean {
  const { time = SAME } = given;
  return {
    base_s: 1.1e-3,
    head_s: 1.1e-3 * time.ratio,
    time,
    verdict: "same",
    detectable: 0.042,
    calls: 108,
    note: null,
    ...given,
  };
}

/** Slower by what few calls cost. */
export const slowerInMean = sampleCell({
  variant: "longformer",
  verdict: "slower",
  medianVerdict: "same",
  mean: sampleMean({ verdict: "slower", time: { ratio: 1.081, low: 1.06, high: 1.1 } }),
  note: "slower in the mean, by costs on few calls: the median is the same",
});

export const slower = sampleCell({
  variant: "stride",
  time: { ratio: 1.0523, low: 1.039, high: 1.066 },
  verdict: "slower",
});

const faster = sampleCell({
  variant: "linear",
  time: { ratio: 0.43, low: 0.42, high: 0.44 },
  verdict: "faster",
});

export const unresolved = sampleCell({
  variant: "bigbird",
  length: 4096,
  time: { ratio: 1.08, low: 0.9, high: 1.29 },
  verdict: "unresolved",
  detectable: 0.22,
  note: "too noisy to gate",
});

const cpu = "Example CPU @ 3.00GHz";

const workChange: WorkChange = {
  case: slower.case,
  quantity: "executed_flops",
  base: 1_048_576,
  head: 1_048_577,
  accepted: false,
};

/** A comparison with one of everything. */
export function sampleComparison(given: Partial<Comparison> = {}): Comparison {
  return {
    kind: "gate",
    base: { name: "../main", commit: "0123456789abcdef0123456789abcdef01234567", dirty: false, cpu },
    head: { name: ".", commit: "fedcba9876543210fedcba9876543210fedcba98", dirty: true, cpu },
    outcome: "regressed",
    failsOn: ["slower", "work", "missing"],
    headline: "1 of 4 cells is slower",
    reasons: ["stride at 1k takes 5.2 % longer", "linear at 256 is broken"],
    cells: [sampleCell(), slower, faster, unresolved],
    geometricMean: { ratio: 0.83, low: 0.8, high: 0.86 },
    groups: [
      { name: "local", cells: 1, time: { ratio: 1.002, low: 0.994, high: 1.009 } },
      { name: "stride", cells: 1, time: { ratio: 1.0523, low: 1.039, high: 1.066 } },
    ],
    work: [{ ...workChange, quantity: "pairs", base: 0, head: 7, accepted: true }, workChange],
    oneSided: [
      { case: "full/wasm/b1h4n1024d64", side: "head", reason: "not in its plan", broken: false },
      {
        case: "linear/wasm/b1h4n256d64",
        side: "base",
        reason: "verification: row 7 must be 0.25, got 0.5",
        broken: true,
      },
    ],
    differences: [{ field: "node", base: "v26.10.0", head: "v26.11.0" }],
    trust: { weight: "strong", why: "measured in turn, in 22 blocks" },
    remarks: ["one block was void"],
    margin: 0.03,
    ...given,
  };
}

/** So many cells, a tenth of them slower, a tenth faster, a tenth unresolved, of twenty-five variants. */
export function manyCells(count: number): readonly ComparedCell[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = (["slower", "faster", "unresolved", "same"] as const)[Math.min(index % 10, 3)];
    const center = { slower: 1.1, faster: 0.9, unresolved: 1.05, same: 1 }[kind] + (index % 7) / 1000;
    const width = kind === "unresolved" ? 0.2 : 0.01;
    return sampleCell({
      variant: `plugin-${index % 25}`,
      length: 256 * 2 ** Math.floor(index / 25),
      time: { ratio: center, low: center - width, high: center + width },
      verdict: kind,
      detectable: kind === "unresolved" ? 0.3 : 0.03,
      note: kind === "unresolved" ? "too noisy to gate" : null,
    });
  });
}

/** With a comparison of kind `compare`, nothing having changed. */
export function calmComparison(given: Partial<Comparison> = {}): Comparison {
  return sampleComparison({
    kind: "compare",
    outcome: "fine",
    failsOn: [],
    headline: "no change is known",
    reasons: [],
    cells: [],
    geometricMean: null,
    groups: [],
    work: [],
    oneSided: [],
    differences: [],
    remarks: [],
    ...given,
  });
}
