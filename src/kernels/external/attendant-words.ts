import type { MessagePort } from "node:worker_threads";
import type { Need } from "./protocol.ts";

/** What an attendant's two threads say to one another. */

/** How a program is started. */
export interface Command {
  /** The program and its arguments. */
  readonly words: readonly string[];
  /** Where it runs; the working directory if omitted. */
  readonly cwd?: string | undefined;
  /** Variables of its environment, besides those of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** What the attendant's thread is started with. */
export interface AttendantStart {
  readonly command: Command;
  /** By which its processes are known. */
  readonly mark: string;
  readonly port: MessagePort;
  /** Counts what was posted to the port, so that the other thread can sleep until there is more. */
  readonly posted: Int32Array;
}

/** A request for the program; `id` is the line's own. */
export interface Asked {
  readonly id: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly patience_s: number;
  /** Whether it may be answered by a need, which is given by another request of the same id. */
  readonly mayNeed: boolean;
}

/** `null` ends the program. */
export type ToAttendant = Asked | null;

/** What became of a request. */
export type Answer =
  | { readonly ok: unknown }
  | { readonly error: string }
  | { readonly need: Need }
  /** The program is gone or is not to be believed: it answers nothing any more. */
  | { readonly lost: string };

export type FromAttendant =
  /** The number of the program's process, and of the thread that attends to it, if the system tells it. */
  | { readonly started: number; readonly thread: number | null }
  | { readonly id: number; readonly answer: Answer };
