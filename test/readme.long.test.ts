import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import {
  commandLines,
  copyCheckout,
  guidedCheckout,
  readersFolder,
  readme,
  root,
  runLine,
  takesLong,
  variantsGuide,
} from "./readme-commands.ts";

const folder = readersFolder();
beforeAll(() => {
  // Two checkouts, for the gate.
  for (const checkout of [folder, join(folder, "../base")]) copyCheckout(checkout);
});

/** The same with few and small cells, where it would take minutes, and by one kernel, where it tries hundreds of shapes. */
function quick(line: string): string {
  if (line.includes(" check ")) return line.includes("--plugin") ? line : `${line} --kernel js`;
  if (!/ calibrate| gate --base /.test(line)) return line;
  const cells = line.includes("--variants") ? "" : " --variants linear --lengths 64";
  const runs = line.includes(" calibrate") ? " --runs 1" : "";
  // On a busy machine a gate goes on for as long as it may.
  const within = line.replace("--budget 10m", "--budget 2m");
  return `${within}${cells}${runs} --cell-time 20ms --blocks 2`;
}

// The others are tried by readme.test.ts; these need no file that those leave.
test.each(commandLines(readme).filter(takesLong))("%s does what it says", (line) => {
  const { status, stdout, stderr } = runLine(quick(line), folder, root);
  expect(stderr).not.toMatch(/attnbench:|^\s+at /m);
  // What is measured in turn may be told that it could not be, on a busy machine.
  const inTurn = / (gate|calibrate)( |$)/.test(line);
  expect({ line, status }).toEqual({ line, status: inTurn && status === 3 ? 3 : 0 });
  expect(stdout).not.toBe("");
});

const checkout = guidedCheckout();
test.each(commandLines(variantsGuide).filter(takesLong))("with the guide's variant, %s works", (line) => {
  const { status, stdout } = runLine(quick(line), checkout, checkout);
  expect({ line, status }).toEqual({ line, status: 0 });
  expect(stdout).toContain("etc");
});
