import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { refuseOldNode } from "../../src/library/refuse-old-node.ts";

const launcher = readFileSync("src/launch/own-node.js", "utf8");
const NEEDED = Number(/NEEDED = (\d+);/.exec(launcher)?.[1]);

test("programs need the Node that the command line needs, and are told so", () => {
  expect(() => refuseOldNode(`${NEEDED}.0.0`)).not.toThrow();
  expect(() => refuseOldNode(`${NEEDED - 1}.9.9`)).toThrow(
    `attnbench: Node ${NEEDED} or newer is needed, this is ${NEEDED - 1}.9.9; run the program with a newer one`,
  );
  expect(() => refuseOldNode("unheard of")).toThrow(/is needed/);
});
