import { DTYPES } from "../../core/dtype.ts";
import { FailureError, messageOf } from "../../core/errors.ts";
import { FORM_NAMES } from "../../core/form-names.ts";
import { ANY_SHAPE } from "../../core/shape.ts";
import type { Kernel } from "../kernel.ts";
import { supportsPass } from "../supports-mode.ts";
import { type OpenProgram, openProgram } from "./open-program.ts";
import { checkedProgram, type ExternalProgram, programName } from "./program-spec.ts";

/** A kernel of a program in any language, for a plug-in. */
export interface ExternalKernel extends ExternalProgram {
  readonly id: string;
  readonly title?: string;
  /** Which of the program's kernels it is, by the program's own id; the only one if omitted. */
  readonly kernel?: string;
}

/**
 * A kernel that a program computes: docs/external-kernels.md. The program is started when the kernel is opened, and ended with
 * it. Throws a UsageError where the command, the folder or the variables are none.
 */
export function externalKernel({ kernel: own, title, ...program }: ExternalKernel): Kernel {
  const { id, ...command } = checkedProgram("externalKernel", program);
  const name = programName(command);
  let opened: OpenProgram | null = null;
  let inner: Kernel | null = null;
  const known = (): Kernel => {
    if (inner === null) throw new FailureError(`kernel ${id} is not open`);
    return inner;
  };
  return {
    id: program.id,
    title: title ?? program.id,
    // Asked about everything: what it takes is known once its program has said so.
    freedoms: ANY_SHAPE,
    forms: FORM_NAMES,
    dtypes: DTYPES,
    finiteOnly: true,
    async open() {
      try {
        opened = await openProgram(name);
        inner = chosenOf(opened.kernels, own);
        return true;
      } catch (thrown) {
        return messageOf(thrown);
      }
    },
    details: () => known().details?.() ?? "",
    supports: (task) => supportsPass(known(), task),
    prepare: (problem, output) => known().prepare(problem, output),
    async close() {
      await opened?.close();
    },
  };
}

function chosenOf(kernels: readonly Kernel[], own: string | undefined): Kernel {
  const found = own === undefined ? kernels : kernels.filter(({ id }) => id === own);
  const [kernel] = found;
  if (found.length === 1 && kernel !== undefined) return kernel;
  const ids = kernels.map(({ id }) => id).join(", ");
  throw new FailureError(
    own === undefined
      ? `its program brings ${ids}; name one of them as kernel`
      : `its program brings ${ids}, not ${own}`,
  );
}
