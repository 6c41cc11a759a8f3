import { describe, expect, test } from "vitest";
import { comparisonMarkdown } from "../../../src/report/comparison/markdown.ts";
import { unprintables } from "../hostile-results.ts";
import { attacks, hostileComparison } from "./hostile-comparison.ts";
import { calmComparison, manyCells, sampleCell, sampleComparison } from "./sample-comparison.ts";

test("the outcome and what changed stand open, all else is folded", () => {
  expect(comparisonMarkdown(sampleComparison())).toMatchInlineSnapshot(`
    "<!-- attnbench:gate -->
    ## attnbench gate: regressed

    Head . (fedcba987654, with changes) against base ../main (0123456789ab) · Example CPU @<!-- --> 3.00GHz · ✓ measured in turn, in 22 blocks; slow-downs from 3.1 % would show

    **1 of 4 cells slower, 1 faster, 1 unchanged, 1 unresolved; most: linear at 1k, 0.430× the time (0.420× … 0.440×). Also 1 broken, work changed in 1 cell.**

    - stride at 1k takes 5.2 % longer
    - linear at 256 is broken

    1 REGRESSED · 1 IMPROVED · 1 UNRESOLVED · 1 SAME. Geometric mean −17.0 % (−20.0 … −14.0 %); less than 3 % is never called a change.

    ### Regressed and improved

    | cell | base | head | change | interval | could see | mean | mean could see | verdict |
    |---|---:|---:|---:|---:|---:|---:|---:|---|
    | stride at 1k | 1.00 ms | 1.05 ms | \\+5.2 % | \\+3.9 … +6.6 % | ≥ 3.1 % | \\+5.2 % | ≥ 4.2 %, 1 in 108 | REGRESSED |
    | linear at 1k | 1.00 ms | 430 µs | 0.430× | 0.420× … 0.440× | ≥ 3.1 % | 0.430× | ≥ 4.2 %, 1 in 108 | IMPROVED |

    ### Broken in head

    | case | measured in | why not in the other |
    |---|---|---|
    | linear/wasm/b1h4n256d64 | base | BROKEN: verification: row 7 must be 0.25, got 0.5 |

    ### Changed work

    | case | quantity | base | head | change | accepted |
    |---|---|---:|---:|---:|---|
    | stride at 1k | executed flops | 1048576 | 1048577 | \\+0.0001 % | no |

    <details>
    <summary>1 cell UNRESOLVED</summary>

    | cell | base | head | change | interval | could see | mean | mean could see | verdict | note |
    |---|---:|---:|---:|---:|---:|---:|---:|---|---|
    | bigbird at 4k | 1.00 ms | 1.08 ms | \\~ | −10.0 … +29.0 % | ≥ 22 % | \\~ | ≥ 4.2 %, 1 in 108 | UNRESOLVED | too noisy to gate |

    </details>

    <details>
    <summary>1 cell SAME</summary>

    | cell | base | head | change | interval | could see | mean | mean could see | verdict |
    |---|---:|---:|---:|---:|---:|---:|---:|---|
    | local at 1k | 1.00 ms | 1.00 ms | \\~ | −0.6 … +0.9 % | ≥ 3.1 % | \\~ | ≥ 4.2 %, 1 in 108 | SAME |

    </details>

    <details>
    <summary>Groups: 2</summary>

    | group | cells | geometric mean | interval |
    |---|---:|---:|---:|
    | local | 1 | \\~ | −0.6 … +0.9 % |
    | stride | 1 | \\+5.2 % | \\+3.9 … +6.6 % |

    </details>

    <details>
    <summary>Changed work, accepted: 1</summary>

    | case | quantity | base | head | change | accepted |
    |---|---|---:|---:|---:|---|
    | stride at 1k | pairs | 0 | 7 | – | yes |

    </details>

    <details>
    <summary>On one side only: 1</summary>

    | case | measured in | why not in the other |
    |---|---|---|
    | full/wasm/b1h4n1024d64 | head | not in its plan |

    </details>

    <details>
    <summary>Differences of the environments: 1</summary>

    | what | base | head |
    |---|---|---|
    | node | v26.10.0 | v26.11.0 |

    </details>

    <details>
    <summary>Before believing it: 1</summary>

    - one block was void

    </details>
    "
  `);
});

test("of a comparison in which nothing changed it says so", () => {
  expect(comparisonMarkdown(calmComparison({ cells: [sampleCell()] }))).toMatchInlineSnapshot(`
    "<!-- attnbench:compare -->
    ## attnbench compare: fine

    Head . (fedcba987654, with changes) against base ../main (0123456789ab) · Example CPU @<!-- --> 3.00GHz · ✓ measured in turn, in 22 blocks; slow-downs from 3.1 % would show

    **No change seen in 1 cell.**


    1 same.

    No cell's time is known to have changed.

    <details>
    <summary>1 cell same</summary>

    | cell | base | head | change | interval | could see | mean | mean could see | verdict |
    |---|---:|---:|---:|---:|---:|---:|---:|---|
    | local at 1k | 1.00 ms | 1.00 ms | \\~ | −0.6 … +0.9 % | ≥ 3.1 % | \\~ | ≥ 4.2 %, 1 in 108 | same |

    </details>
    "
  `);
});

test("a mark of its kind is the first line", () => {
  expect(comparisonMarkdown(sampleComparison()).split("\n")[0]).toBe("<!-- attnbench:gate -->");
  expect(comparisonMarkdown(calmComparison()).split("\n")[0]).toBe("<!-- attnbench:compare -->");
});

test("three hundred cells fit a comment as they are", () => {
  const text = comparisonMarkdown(sampleComparison({ cells: manyCells(300) }));
  expect(text).not.toContain("left out");
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_536);
  expect(text.match(/\| (REGRESSED|IMPROVED|UNRESOLVED|SAME) \|/g)).toHaveLength(300);
});

test("where it would be too long whole rows go, the least weighty first, and it says how many and where to look", () => {
  const comparison = sampleComparison({ cells: manyCells(5000) });
  for (const limit of [5000, 20_000, 65_536]) {
    const text = comparisonMarkdown(comparison, { limit, elsewhere: "see the run's files" });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
    // Filled as far as whole rows go.
    expect(Buffer.byteLength(text)).toBeGreaterThan(limit - 600);
    const rows = text.match(/\| (REGRESSED|IMPROVED|UNRESOLVED|SAME) \|/g) ?? [];
    const left = [...text.matchAll(/^(\d+) more rows are omitted here; see the run's files\.$/gm)].map(
      ([, count]) => Number(count),
    );
    const others = 2 + 1 + 1 + 2 + 1 + 1 + 1 + 1;
    const kept = (text.match(/^(\| (?!cell |case |group |what )|- )/gm) ?? []).length - rows.length;
    expect(rows.length + left.reduce((sum, count) => sum + count, 0)).toBe(5000 + others - kept);
    expect(text.match(/<details>/g)).toHaveLength(text.match(/<\/details>/g)?.length ?? -1);
    // A line after a table is a row of it unless one is empty between.
    expect(text).not.toMatch(/\|\n\d+ more/);
  }
});

test("a limit below what cannot be cut is refused", () => {
  expect(() => comparisonMarkdown(sampleComparison(), { limit: 500 })).toThrow(/limit must hold/);
});

test("each row has as many cells as its head", () => {
  let columns = 0;
  for (const line of comparisonMarkdown(sampleComparison()).split("\n")) {
    if (!line.startsWith("|")) columns = 0;
    else if (columns === 0) columns = line.split("|").length;
    else expect(line.split("|")).toHaveLength(columns);
  }
});

describe("of a hostile comparison", () => {
  const ours = /<!-- -->|<!-- attnbench:gate -->|<\/?details>|<\/?summary>|<br>/g;
  test.each(attacks)("no string is markup, a link, a mention or a line: %j", (attack) => {
    const text = comparisonMarkdown(hostileComparison(attack));
    expect(text.match(/<!-- attnbench:gate -->/g)).toHaveLength(1);
    expect(text.replaceAll(ours, "")).not.toMatch(/[<>]/);
    expect(text).not.toMatch(/[@#](?!<!-- -->)[^# \n]/);
    expect(text).not.toMatch(/(?<!\\)\[|(?<!\\)\]\(|:\/\//);
    expect(unprintables(text)).toEqual([]);
    for (const line of text.split("\n")) {
      expect(line).toMatch(/^$|^(#{2,3}|-|\|) |^\|---|^<|^\*\*|^Head |^\d REGRESSED|^No cell/);
    }
  });

  test("ten thousand of every kind fit too", () => {
    const [attack] = attacks;
    const text = comparisonMarkdown(hostileComparison(attack, { cells: manyCells(1000) }));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_536);
  });
});
