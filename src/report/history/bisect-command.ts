import { PLAN_DEFAULTS } from "../../core/defaults.ts";
import { USUAL_OPERATION } from "../../core/operation.ts";
import { modeOf, operationOf } from "../../record/schema/case-task.ts";
import { type PlainCase, plainCaseOf } from "../../record/schema/plain-case.ts";
import { shellQuoted } from "../../text/shell-quoted.ts";
import type { ChangeGroup } from "./change-groups.ts";
import { shortHash } from "./change-words.ts";

/** Cells that are gated: each takes its time at every step, and any of them leads to the commit. */
const MOST_CELLS = 5;

/** The command that finds the commit of changes, by those of their cells that changed most, if their names say how. */
export function bisectCommand({ good, bad, changes }: Pick<ChangeGroup, "good" | "bad" | "changes">): string {
  const words = bisectWords(changes.map(({ series }) => series.cell));
  return ["attnbench bisect", "--good", shortHash(good), "--bad", shortHash(bad), ...words].join(" ");
}

/**
 * The options by which a gate measures the first of these cells, by name, and of the others those that one plan can have
 * with it; none if all names say more than options here do. `--cells` keeps out what the plan has besides.
 */
export function bisectWords(cells: readonly string[]): readonly string[] {
  const known = [...new Set(cells)].flatMap((name) => {
    const plain = plainCaseOf(name);
    return plain === null || operationOf(plain).ofBaselineAlone ? [] : [{ name, plain }];
  });
  if (known.length === 0) return [];
  const [first] = known;
  const parameters = new Map<string, string>();
  const chosen = known
    .filter(({ plain }) => {
      if (settingsOf(plain).join() !== settingsOf(first.plain).join()) return false;
      const own = JSON.stringify(plain.params);
      const fits = (parameters.get(plain.variant) ?? own) === own;
      if (fits) parameters.set(plain.variant, own);
      return fits;
    })
    .slice(0, MOST_CELLS);
  const list = (of: (one: PlainCase) => string | number) =>
    [...new Set(chosen.map(({ plain }) => of(plain)))].join(",");
  const sets = chosen.flatMap(({ plain: { variant, params } }) =>
    Object.entries(params).map(([name, value]) => `${variant}.${name}=${value}`),
  );
  return [
    ...["--variants", list(({ variant }) => variant)],
    ...["--lengths", list(({ length }) => length)],
    ...["--kernel", list(({ kernel }) => kernel)],
    ...settingsOf(first.plain),
    ...[...new Set(sets)].flatMap((one) => ["--set", shellQuoted(one)]),
    ...chosen.flatMap(({ name }) => ["--cells", shellQuoted(name)]),
  ];
}

/** What all cases of a plan share; what is usual is omitted. */
function settingsOf(plain: PlainCase): readonly string[] {
  const { batch, heads, head_dim: headDim, causal, threads } = plain;
  const mode = modeOf(plain);
  return [
    ...(batch === PLAN_DEFAULTS.batch ? [] : ["--batch", `${batch}`]),
    ...(heads === PLAN_DEFAULTS.heads ? [] : ["--heads", `${heads}`]),
    ...(headDim === PLAN_DEFAULTS.headDim ? [] : ["--head-dim", `${headDim}`]),
    ...(causal && !operationOf(plain).alwaysCausal ? ["--causal"] : []),
    ...(mode === USUAL_OPERATION ? [] : ["--mode", mode]),
    ...(threads === PLAN_DEFAULTS.threads ? [] : ["--threads", `${threads}`]),
  ];
}
