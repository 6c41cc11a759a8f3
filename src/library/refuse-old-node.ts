import process from "node:process";
import { FailureError } from "../core/errors.ts";

/**
 * The first major version of Node that runs this: the command line brings its own, a program runs on whatever
 * Node it is given.
 */
const NEEDED_NODE = 26;

/** Refuses a Node that would fail in the middle of a run. */
export function refuseOldNode(version: string = process.versions.node): void {
  if (Number.parseInt(version, 10) >= NEEDED_NODE) return;
  throw new FailureError(
    `attnbench: Node ${NEEDED_NODE} or newer is needed, this is ${version}; run the program with a newer one`,
  );
}
