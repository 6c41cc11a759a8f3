/** A worker of a team for tests: takes numbers from one word and adds them to another. */
import { takePart } from "../../../src/kernels/threads/take-part.ts";
import { ADDER, type AdderMessage, addNumbers } from "./adder-words.ts";

takePart<AdderMessage>(({ control }) => ({
  receive(message) {
    if (message === "die") throw new TypeError("it was told to");
    if (message === "leave") process.exit(3);
    if (message === "wait") Atomics.wait(control, ADDER.gate, 0);
  },
  share() {
    if (control[ADDER.fails] === 1) throw new TypeError("this job fails");
    addNumbers(control);
  },
}));
