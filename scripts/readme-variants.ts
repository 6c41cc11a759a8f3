import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Listed, type ListedFamily, listing } from "../src/library/listing.ts";
import { builtInKinds } from "../src/mechanisms/kinds.ts";
import { variants } from "../variants/index.ts";

// Writes the README's tables of variants: what they say is declared in variants/.

const MARKED = /(<!-- variants: .* -->\n).*?(\n<!-- \/variants -->)/s;

/** The README with the tables of its marked section as the variants are declared. */
export function withVariants(readme: string): string {
  if (!MARKED.test(readme)) throw new RangeError("README.md: must have a section <!-- variants: … -->");
  const tables = listing(variants, builtInKinds, undefined).map(tableOf).join("\n\n");
  return readme.replace(MARKED, (_, start: string, end: string) => `${start}\n${tables}\n${end}`);
}

/** A family, folded: its name and line remain. The empty lines are what makes a table of it on GitHub. */
function tableOf(family: ListedFamily): string {
  return [
    "<details>",
    `<summary><b>${family.id}</b> (${family.variants.length}): ${family.summary}</summary>`,
    "",
    "| variant | what it does | cost | decoding keeps | paper |",
    "|---|---|---|---|---|",
    ...family.variants.map(rowOf),
    "",
    "</details>",
  ].join("\n");
}

function rowOf({ variant: { id, summary, source }, cost, decoding }: Listed): string {
  const cells = [`\`${id}\``, summary, costCell(cost), keptCell(decoding), papersCell(source)];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** `N^1` is N, and other exponents are raised. */
function costCell(cost: string): string {
  return cost.replace(/\^1(?![\d.])/, "").replace(/\^([\d.]+)/, "<sup>$1</sup>");
}

/** What is kept, without why. */
function keptCell(decoding: string): string {
  const kept = /^keeps ([^:]*)/.exec(decoding)?.[1];
  return kept ?? "–";
}

/** The papers of a source, each with its authors as a link, without the section. */
function papersCell(source: string): string {
  return source
    .split("; ")
    .map((paper) => {
      const [, authors, number] = /^(.*?), arXiv (\d{4}\.\d{4,5})/.exec(paper) ?? [];
      return number === undefined ? paper : `[${authors}](https://arxiv.org/abs/${number})`;
    })
    .join("; ");
}

if (import.meta.main) {
  const path = join(import.meta.dirname, "../README.md");
  const readme = readFileSync(path, "utf8");
  writeFileSync(path, withVariants(readme));
}
