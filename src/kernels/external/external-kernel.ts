import { messageOf } from "../../core/errors.ts";
import { OUTPUT_PASS, TRAINING_PASS } from "../../core/operation.ts";
import type { Task } from "../../core/problem.ts";
import { isGradient, makesOutput } from "../../mechanisms/gradient/declare.ts";
import type { Kernel } from "../kernel.ts";
import { caseData, forwardOf } from "./case-data.ts";
import { PreparedCall } from "./prepared-call.ts";
import { detailsOf, listed, type Program } from "./program.ts";
import { deviceOf, type Hello, supportsAnswer, type ToldKernel } from "./protocol.ts";

/** A kernel that a program, which is open, has told of; `id` is its name here. */
export function kernelOf(program: Program, hello: Hello, told: ToldKernel, id: string): Kernel {
  const answers = new Map<string, true | string>();
  const details = detailsOf(hello);
  return {
    id,
    title: told.title ?? id,
    details: () =>
      [
        ...(told.title === undefined || told.title === id ? [] : [told.title]),
        details,
        `device ${deviceOf(told)}`,
        ...listed(told.details),
      ].join(", "),
    ...(told.assumed_rate !== undefined && { assumedRate: told.assumed_rate }),
    freedoms: told.freedoms ?? [],
    forms: told.forms ?? [],
    ...(told.dtypes !== undefined && { dtypes: told.dtypes }),
    finiteOnly: told.nan_safe !== true,
    supports(task) {
      const refused = whyNotAsked(told, task);
      if (refused !== null) return refused;
      const asked = caseData(task, deviceOf(told));
      const key = JSON.stringify(asked);
      const known = answers.get(key);
      if (known !== undefined) return known;
      const answer = program.askNow({ body: { request: "supports", kernel: told.id, case: asked } });
      const said = "why" in answer ? answer.why : saidIn(program, answer.ok);
      answers.set(key, said);
      return said;
    },
    prepare: (problem, output) => PreparedCall.of(program, told, problem, output),
    close: () => program.close(),
  };
}

/** Whether a kernel can run is a value, never an exception: also where the answer is none. */
function saidIn(program: Program, answer: unknown): true | string {
  try {
    return program.parsed("supports", supportsAnswer, answer);
  } catch (thrown) {
    return messageOf(thrown);
  }
}

/** Why a program is not asked about a task; null if it is. */
function whyNotAsked({ kinds, passes = [OUTPUT_PASS] }: ToldKernel, { mechanism }: Task): string | null {
  const { kind } = forwardOf(mechanism);
  if (kinds !== undefined && !kinds.includes(kind)) return `it takes ${kinds.join(", ")}, got ${kind}`;
  if (!isGradient(mechanism)) {
    return passes.includes(OUTPUT_PASS) ? null : "it computes no output without gradients";
  }
  if (!makesOutput(mechanism)) {
    return "what a program keeps of its forward pass cannot be proven; --mode train has both passes timed";
  }
  return passes.includes(TRAINING_PASS) ? null : "it computes no gradients";
}
