import { machineLimits as measured } from "../../src/kernels/native/limits/index.ts";
import { remembering } from "./remembering.ts";

export const machineLimits = remembering(measured);
