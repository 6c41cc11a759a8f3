import { quotedPath } from "../text/shell-quoted.ts";

/**
 * What kind of file was given in place of one whose first line is of type `expected`, judged by its first
 * line, and what reads it; null if unknown.
 */
export function otherFile(path: string, firstLine: string, expected: string): string | null {
  const named = quotedPath(path);
  const head = objectIn(firstLine);
  if (head?.type === expected) return null;
  if (head?.type === "gate") {
    return runsOf(head) > 1
      ? `is a calibration's file of blocks, which attnbench calibrate --from ${named} reads`
      : `is a gate's file of blocks, which attnbench gate --from ${named} reads`;
  }
  if (head?.type === "run")
    return `is a results file of attnbench run, which attnbench report ${named} reads`;
  if (expected !== "history" && (head?.type === "history" || head?.type === "entry"))
    return `is a history, which attnbench history list --history ${named} reads`;
  if (/^variant,kernel,length,/.test(firstLine))
    return "is a table of results; the results themselves are in the .jsonl file beside it";
  if (/^<(!doctype html|html|svg)/i.test(firstLine)) return "is a page or a picture made of results";
  if (firstLine.startsWith("\x1f\ufffd") || firstLine.startsWith("\x1f\x8b")) {
    return "is compressed with gzip, so its name must end in .gz";
  }
  if (firstLine.trim() === "{" || firstLine.trim() === "[") {
    return "holds one JSON text over several lines, as --json prints";
  }
  return null;
}

function objectIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function runsOf({ plan }: Readonly<Record<string, unknown>>): number {
  const runs = typeof plan === "object" && plan !== null && "runs" in plan ? plan.runs : undefined;
  return typeof runs === "number" ? runs : 1;
}
