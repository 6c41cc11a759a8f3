import { writeFileSync } from "node:fs";
import { compare, readResults, report, run } from "attnbench";

/** Measures two windows of local attention beside full attention; each line is in the file before it is given. */
async function measure(window: number, out: string) {
  const choices = { variants: ["full", "local"], lengths: [256, 512], rounds: 3, set: { local: { window } } };
  for await (const line of run({ ...choices, out, onWarning: console.log })) {
    if (line.type === "case") console.log(line.case, line.outcome, line.reason ?? "");
  }
  return readResults(out);
}

const wide = await measure(128, "wide.jsonl");
const narrow = await measure(32, "narrow.jsonl");
for (const { variant, length, median_s } of narrow.rows) {
  console.log(`${variant} at ${length}: ${median_s === null ? "no time" : `${1e6 * median_s} µs`}`);
}

// The same cells with and without a change: here both files have `full`.
const { headline, cells } = await compare(wide, narrow, { variants: "full", threshold: 0.05 });
console.log(headline, cells.map(({ length, verdict }) => `${length} ${verdict}`).join(", "));

for (const [name, content] of await report([wide, narrow], { formats: ["html", "md"] })) {
  writeFileSync(name, content);
}
