/** One worker: waits for jobs, and takes its share of their items. */
import { takePart } from "../../threads/take-part.ts";
import { type Exports, instantiate } from "../build.ts";
import { CONTROL, type InstanceMessage, RUNNERS, takeItems } from "./control.ts";

takePart<InstanceMessage>(({ control, index }) => {
  const instances = new Map<number, Exports>();
  return {
    receive({ id, ...message }) {
      if (message.module === null) instances.delete(id);
      else instances.set(id, instantiate(message, message.memory));
    },
    share() {
      const instance = instances.get(control[CONTROL.instance]);
      if (instance === undefined) throw new TypeError("a job must name an instance that was sent");
      const run = instance[RUNNERS[control[CONTROL.runner]]];
      const call = control[CONTROL.call];
      const lane = control[CONTROL.lanes + index];
      takeItems(control, (from, to) => run(call, lane, from, to));
    },
  };
});
