import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../core/errors.ts";
import type { Simd } from "../kernels/index.ts";
import type { SlotPlan } from "../measure/slot.ts";
import { Arm, type OpenRequest } from "./arm.ts";
import { loadSubject, type SubjectPlace } from "./load-subject.ts";

/** What the thread of one side is started with. */
export interface ArmSettings {
  readonly place: SubjectPlace;
  readonly simd: Simd;
  /** Bytes allocated before anything else, so that what follows lies elsewhere in every block. */
  readonly padding: number;
}

/** What it is asked, one at a time. */
export type ArmRequest =
  | { readonly kind: "open"; readonly request: OpenRequest }
  | { readonly kind: "yardstick" }
  | { readonly kind: "slot"; readonly plan: SlotPlan; readonly pad: number }
  | { readonly kind: "collect" }
  | { readonly kind: "close" };

/** The answer to a request, or why there is none. */
export type ArmAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly why: string };

const { place, simd, padding } = workerData as ArmSettings;
// Kept for as long as the thread lives.
const kept: unknown[] = [new Uint8Array(padding).fill(1)];
const port = parentPort;
if (port === null) throw new TypeError("arm-thread: must run as a worker");

const say = (answer: ArmAnswer) => port.postMessage(answer);
try {
  const arm = new Arm(await loadSubject(place, simd));
  kept.push(arm);
  port.on("message", (asked: ArmRequest) => {
    try {
      say({ ok: true, value: answer(arm, asked) });
    } catch (thrown) {
      say({ ok: false, why: messageOf(thrown) });
    }
  });
  say({ ok: true, value: "loaded" });
} catch (thrown) {
  say({ ok: false, why: messageOf(thrown) });
}

function answer(arm: Arm, asked: ArmRequest): unknown {
  switch (asked.kind) {
    case "open":
      return arm.open(asked.request);
    case "yardstick":
      return arm.openYardstick();
    case "slot":
      return arm.slot(asked.plan, asked.pad);
    case "collect":
      return arm.collect();
    case "close":
      return arm.close();
    default:
      return asked satisfies never;
  }
}
