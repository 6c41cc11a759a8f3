import type { Comparison } from "../../../src/compare/comparison.ts";
import { hostile } from "../hostile-results.ts";
import { sampleComparison } from "./sample-comparison.ts";

/** What would be a command, a formula, a link, a mention, an end of a section, or a name that every object has. */
export const attacks: readonly string[] = [
  hostile,
  "::error::forged",
  "\n::error title=forged::forged",
  "##[group]forged",
  "]]></failure><testcase name='forged'/>",
  '=HYPERLINK("http://forged.example","x")',
  "@everyone",
  "-1+1",
  "[forged](javascript:alert(1)) ![x](http://forged.example/x.png) @someone #123 GH-7",
  "</details></table><!-- attnbench:gate -->",
  "| cell | cell |\n|---|---|",
  "\u202ereversed\u202c \u2066isolated\u2069",
  "\u0000\u0008\u000b\u001b[31m\u009b31m\u2028\u2029\ud800\ufffe\uffff",
  "__proto__",
  "constructor",
  "%0A::error::forged",
  "a b\tc/d=e-7",
  "",
  " ",
  "x".repeat(10_000),
];

/** The comparison with every string of it replaced, names of parameters too. Cells stay apart by their place. */
export function hostileComparison(attack: string, given: Partial<Comparison> = {}): Comparison {
  const comparison = sampleComparison(given);
  const evil = { [attack]: 7 };
  const side = { name: attack, commit: attack, dirty: true, cpu: attack };
  return {
    ...comparison,
    base: side,
    head: side,
    headline: attack,
    reasons: [attack, attack],
    cells: comparison.cells.map((cell) => ({
      ...cell,
      case: attack,
      variant: attack,
      kernel: attack,
      params: Object.fromEntries(Object.entries(evil)),
      note: attack,
    })),
    groups: comparison.groups.map((group) => ({ ...group, name: attack })),
    work: comparison.work.map((change) => ({ ...change, case: attack, quantity: attack })),
    oneSided: comparison.oneSided.map((one) => ({ ...one, case: attack, reason: attack })),
    differences: comparison.differences.map(() => ({ field: attack, base: attack, head: attack })),
    trust: { weight: "weak", why: attack },
    remarks: [attack],
  };
}
