/** How LaTeX writes what would otherwise mean something to it, or that its fonts may lack. */
const written: ReadonlyMap<string, string> = new Map([
  ["\\", "\\textbackslash{}"],
  ["{", "\\{"],
  ["}", "\\}"],
  ["$", "\\$"],
  ["&", "\\&"],
  ["#", "\\#"],
  ["%", "\\%"],
  ["_", "\\_"],
  ["^", "\\textasciicircum{}"],
  ["~", "\\textasciitilde{}"],
  ['"', "\\textquotedbl{}"],
  ["<", "\\ensuremath{<}"],
  [">", "\\ensuremath{>}"],
  ["|", "\\ensuremath{|}"],
  ["µ", "\\ensuremath{\\mu}"],
  ["×", "\\ensuremath{\\times}"],
  ["±", "\\ensuremath{\\pm}"],
  ["≈", "\\ensuremath{\\approx}"],
  ["≤", "\\ensuremath{\\leq}"],
  ["≥", "\\ensuremath{\\geq}"],
  ["·", "\\ensuremath{\\cdot}"],
  ["−", "\\ensuremath{-}"],
  ["∞", "\\ensuremath{\\infty}"],
  ["…", "\\ldots{}"],
  ["–", "--"],
  ["—", "---"],
  ["²", "\\textsuperscript{2}"],
  ["\u00a0", "~"],
  ["\u202f", "\\,"],
]);

/** Text as LaTeX prints it, letter by letter: nothing in it is a command. */
export function latexText(text: string): string {
  return [...text].map((character) => written.get(character) ?? character).join("");
}
