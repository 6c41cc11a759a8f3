import { expect, test } from "vitest";
import { provenance } from "../../src/report/provenance.ts";
import { sampleResults } from "./sample-results.ts";

function saidWith(plugins: readonly string[]): string {
  const results = sampleResults({ variants: 2, lengths: [256] });
  const { run } = results;
  return provenance({ ...results, run: { ...run, plan: { ...run.plan, plugins: [...plugins] } } }).text;
}

test("beside a command that names plug-ins by their ways stands from where these go, and nowhere else", () => {
  const ways =
    /the same cases again; its plug-ins are named relative to the folder in which the run was started/;
  expect(saidWith(["plugins/sink.ts"])).toMatch(ways);
  expect(saidWith(["/opt/sink.ts", "../sink.ts"])).toMatch(ways);
  expect(saidWith(["/opt/sink.ts"])).not.toMatch(/its plug-ins are named/);
  expect(saidWith([])).not.toMatch(/its plug-ins are named/);
});
