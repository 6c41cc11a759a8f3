import { join } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { packageVersion } from "../../files/package-version.ts";
import type { Kernel } from "../kernel.ts";
import { kernelOf } from "./external-kernel.ts";
import { namesPeer, peerOf } from "./peers.ts";
import { Program } from "./program.ts";
import { commandOf, programOf, shortProgramName } from "./program-spec.ts";
import { type Hello, PATIENCE, type RequestName, type ToldKernel } from "./protocol.ts";

/** A program that runs, and the kernels that it brings. */
export interface OpenProgram {
  readonly kernels: readonly Kernel[];
  /** What it told about itself. */
  readonly hello: Hello;
  /** Files of its code, as far as it and its command name them. */
  readonly files: readonly string[];
  close(): Promise<void>;
}

/** What programs in Python import. */
const PYTHON_FOLDER = join(import.meta.dirname, "python");

/**
 * Starts the program of a name, such as `exec:python3 mine.py`, and asks what it brings. Throws a FailureError with the reason
 * where it cannot be started or does not speak the protocol, a UsageError where the name is none.
 */
export async function openProgram(
  name: string,
  patience: Readonly<Record<RequestName, number>> = PATIENCE,
): Promise<OpenProgram> {
  const { id, words } = programOf(name);
  const program = new Program(
    commandOf(name, PYTHON_FOLDER),
    shortProgramName(words),
    packageVersion(),
    patience,
  );
  try {
    const hello = await program.open();
    const twice = hello.kernels.find(
      (one, at) => hello.kernels.findIndex((other) => other.id === one.id) !== at,
    );
    if (twice !== undefined)
      throw new UsageError(`${program.name}: kernels must have ids of their own, got ${twice.id} twice`);
    const several = hello.kernels.length > 1;
    const suffix = namesPeer(name) ? (peerOf(name).suffix ?? "") : "";
    const kernels = hello.kernels.map((told) =>
      kernelOf(program, hello, told, `${renamed(told, id, several)}${suffix}`),
    );
    return { kernels, hello, files: program.files(hello), close: () => program.close() };
  } catch (thrown) {
    await program.close();
    throw thrown;
  }
}

function renamed({ id }: ToldKernel, name: string | undefined, several: boolean): string {
  if (name === undefined) return id;
  return several ? `${name}-${id}` : name;
}
