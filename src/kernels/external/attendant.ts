import { randomUUID } from "node:crypto";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { messageOf } from "../../core/errors.ts";
import { atExit } from "./at-exit.ts";
import type {
  Answer,
  Asked,
  AttendantStart,
  Command,
  FromAttendant,
  ToAttendant,
} from "./attendant-words.ts";
import { endProcesses, MARK } from "./end-processes.ts";
import type { Need } from "./protocol.ts";

/** Milliseconds that this thread waits for the attendant beyond the program's patience. */
const SLACK_MS = 5000;
/** Milliseconds that ending may take before the thread itself is ended. */
const END_MS = 2000;

/** What a program may need to answer one request: more than there is. */
const MOST_GIVEN = 8;

/** One thing asked of a program. */
interface Request {
  readonly body: Readonly<Record<string, unknown>>;
  readonly patience_s: number;
  /** Makes what the program says that it needs in order to answer; it needs nothing if omitted. */
  readonly give?: (need: Need) => Readonly<Record<string, unknown>>;
}

/** What became of it in the end. */
export type FinalAnswer = Exclude<Answer, { readonly need: Need }>;

/**
 * A program, asked one thing at a time. A thread of its own reads what it writes: `askNow` sleeps until that thread has the
 * answer, for what must be known before a function returns.
 */
export class Attendant {
  readonly #port: MessagePort;
  readonly #worker: Worker;
  readonly #posted = new Int32Array(new SharedArrayBuffer(4));
  #waiting: { readonly id: number; readonly settle: (answer: Answer) => void } | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  readonly #mark = randomUUID();
  #next = 1;
  #pid: number | null = null;
  #thread: number | null = null;
  #lost: string | null = null;
  #ended = false;
  readonly #forget = atExit(() => this.#kill());

  constructor(command: Command) {
    const { port1, port2 } = new MessageChannel();
    const marked = { ...command, env: { ...command.env, [MARK]: this.#mark } };
    const start: AttendantStart = { command: marked, mark: this.#mark, port: port2, posted: this.#posted };
    this.#port = port1;
    // Compiled, this file and the thread's end in .js.
    const file = new URL(`./attendant-worker${import.meta.url.slice(-3)}`, import.meta.url);
    this.#worker = new Worker(file, {
      workerData: start,
      transferList: [port2],
      execArgv: [],
    });
    this.#worker.on("error", (thrown) => this.#lose(`cannot be attended to, ${messageOf(thrown)}`));
    this.#worker.on("exit", () => {
      this.#ended = true;
      this.#lose("was ended");
    });
    this.#port.on("message", (message: FromAttendant) => this.#hear(message));
    // A program that is idle keeps nobody from ending.
    this.#worker.unref();
    this.#port.unref();
  }

  /** The number of its process; null if it has none. */
  get pid(): number | null {
    return this.#pid;
  }

  /** The number of the thread that attends to it; null where the system does not tell it. */
  get thread(): number | null {
    return this.#thread;
  }

  /** Why it answers nothing any more; null if it does. */
  get lost(): string | null {
    return this.#lost;
  }

  /** Asks once what was asked before is answered. Never rejects. */
  ask(request: Request): Promise<FinalAnswer> {
    const answer = this.#queue.then(() => this.#askFirst(request));
    this.#queue = answer;
    return answer;
  }

  /** Asks and sleeps until it is answered. */
  askNow(request: Omit<Request, "give">): FinalAnswer {
    const until = Date.now() + 1000 * request.patience_s + SLACK_MS;
    // What was asked before is answered first.
    while (this.#waiting !== null) this.#sleep(until);
    if (this.#lost !== null) return { lost: this.#lost };
    const id = this.#next++;
    this.#post(id, request);
    const answers: FinalAnswer[] = [];
    this.#waiting = { id, settle: (one) => answers.push(finalOf(one)) };
    while (answers.length === 0) this.#sleep(until);
    return answers[0];
  }

  /** Ends the program with all that it started. */
  async close(): Promise<void> {
    if (this.#ended) return;
    const ended = new Promise<void>((resolve) => this.#worker.once("exit", () => resolve()));
    this.#port.postMessage(null satisfies ToAttendant);
    this.#worker.ref();
    const timer = setTimeout(() => {
      this.#kill();
      void this.#worker.terminate();
    }, END_MS);
    await ended;
    clearTimeout(timer);
    this.#forget();
  }

  async #askFirst(request: Request): Promise<FinalAnswer> {
    const id = this.#next++;
    let { body } = request;
    for (let given = 0; ; given++) {
      const answer = await this.#answerTo(id, { ...request, body });
      if (!("need" in answer)) return answer;
      if (given === MOST_GIVEN) {
        this.#kill();
        return { lost: `needs ${answer.need} again and again` };
      }
      try {
        body = { given: request.give?.(answer.need) };
      } catch (thrown) {
        body = { error: messageOf(thrown) };
      }
    }
  }

  #answerTo(id: number, request: Request): Promise<Answer> {
    return new Promise((settle) => {
      this.#post(id, request);
      if (this.#lost !== null) return settle({ lost: this.#lost });
      // Whoever awaits an answer is kept from ending.
      this.#port.ref();
      this.#waiting = {
        id,
        settle: (answer) => {
          this.#port.unref();
          settle(answer);
        },
      };
    });
  }

  #post(id: number, { body, patience_s, give }: Request): void {
    const asked: Asked = { id, body, patience_s, mayNeed: give !== undefined };
    if (this.#lost === null) this.#port.postMessage(asked satisfies ToAttendant);
  }

  #hear(message: FromAttendant): void {
    if ("started" in message) {
      this.#pid = message.started;
      this.#thread = message.thread;
    } else {
      if ("lost" in message.answer) this.#lost = message.answer.lost;
      if (this.#waiting?.id !== message.id) return;
      const { settle } = this.#waiting;
      this.#waiting = null;
      settle(message.answer);
    }
  }

  /** Sleeps until the attendant has said something, and hears it. */
  #sleep(until: number): void {
    const seen = Atomics.load(this.#posted, 0);
    let heard = false;
    for (let message = receive(this.#port); message !== null; message = receive(this.#port)) {
      this.#hear(message);
      heard = true;
    }
    if (heard) return;
    const left = until - Date.now();
    if (left > 0) Atomics.wait(this.#posted, 0, seen, left);
    else this.#lose("has not answered");
  }

  #lose(why: string): void {
    this.#lost ??= why;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.settle({ lost: this.#lost });
  }

  /** When this process ends, whatever the reason, as far as it can say so. */
  #kill(): void {
    if (this.#pid !== null) endProcesses(this.#pid, this.#mark);
  }
}

/** Nothing is needed where nothing is given. */
function finalOf(answer: Answer): FinalAnswer {
  return "need" in answer ? { error: "it needs what it was not offered" } : answer;
}

function receive(port: MessagePort): FromAttendant | null {
  const received = receiveMessageOnPort(port) as { readonly message: FromAttendant } | undefined;
  return received?.message ?? null;
}
