import type { PageChoices } from "../choices.ts";
import type { EngineTells } from "../protocol.ts";
import { READY, REMOTE } from "../remote-events.ts";
import type { Session } from "./session.ts";

/** Tells a driving program, if there is one, what the engine tells. */
export function tellRemote(told: EngineTells): void {
  document.dispatchEvent(new CustomEvent(REMOTE.told, { detail: told }));
  if (told.tell === "ready") document.documentElement.setAttribute(READY, "");
}

/** Lets a program that drives the browser begin and end runs. */
export function followRemote(session: Session): void {
  document.addEventListener(REMOTE.run, (event) => {
    if (event instanceof CustomEvent) session.run(event.detail as PageChoices, false);
  });
  document.addEventListener(REMOTE.stop, () => session.stop());
}
