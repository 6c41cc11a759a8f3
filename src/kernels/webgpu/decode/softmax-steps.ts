import type { SoftmaxPattern } from "../../../mechanisms/softmax-pattern/declare.ts";
import type { StepAbility } from "../../by-kind.ts";
import { whyNotDecoded } from "../../decode/refuse.ts";
import type { Stepper } from "../../stepper.ts";
import type { Means } from "../means.ts";
import { prepareSoftmaxSteps } from "./softmax-stepper.ts";
import { whyTooWide } from "./step-shape.ts";

/** Softmax over a pattern, token by token. */
export const softmaxSteps: StepAbility<SoftmaxPattern, Means, Promise<Stepper>> = {
  whyNot: (task) => whyNotDecoded(task) ?? whyTooWide(task.shape),
  prepare: (task, { device }, weights) => prepareSoftmaxSteps(task, task.mechanism, weights, device),
};
