/** One worker: waits for jobs, and runs the entry that they name with its lane. Items are taken in machine code. */
import { takePart } from "../../threads/take-part.ts";
import { type Callable, entryOf } from "../call/load-code.ts";
import { ffiOrThrow } from "../call/program.ts";
import { CREW, type CrewMessage, lanesOf } from "./control.ts";

takePart<CrewMessage>(({ control, index }) => {
  const lanes = lanesOf(control);
  const ffi = ffiOrThrow();
  const entries = new Map<number, Callable>();
  return {
    receive(message) {
      if (message.place === null) entries.delete(message.id);
      else entries.set(message.id, entryOf(ffi, message.place, message.entry));
    },
    share() {
      const run = entries.get(control[CREW]);
      if (run === undefined) throw new TypeError("a job must name a crew that was sent");
      run(lanes[index]);
    },
  };
});
