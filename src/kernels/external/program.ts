import { FailureError, printable } from "../../core/errors.ts";
import { schemaRule } from "../../record/schema-rule.ts";
import { Attendant, type FinalAnswer } from "./attendant.ts";
import type { Command } from "./attendant-words.ts";
import { PrivateFolders } from "./private-folder.ts";
import { filesNamed } from "./program-spec.ts";
import { type Hello, helloAnswer, type Need, PATIENCE, PROTOCOLS, type RequestName } from "./protocol.ts";

/** A program that is lost this often is not started again. */
const MOST_LOST = 5;

/** A request of the protocol besides `hello`. */
export interface ProgramRequest {
  readonly body: Readonly<Record<string, unknown>> & { readonly request: RequestName };
  /** Seconds beyond what such a request may take; 0 if omitted. */
  readonly more_s?: number;
  readonly give?: (need: Need) => Readonly<Record<string, unknown>>;
}

/**
 * A program that brings kernels, and what it shares with this process. It is started once; where it is lost in a case, that
 * case fails, and it is started again for the others.
 */
export class Program {
  readonly command: Command;
  /** How it is called in messages. */
  readonly name: string;
  readonly folders = new PrivateFolders();
  readonly #version: string;
  readonly #patience: Readonly<Record<RequestName, number>>;
  #attendant: Attendant | null = null;
  #hello: Hello | null = null;
  #starts = 0;
  #nextCall = 1;
  #closing: Promise<void> | null = null;

  /** `version` is that of attnbench, `patience` seconds that each request may take. */
  constructor(
    command: Command,
    name: string,
    version: string,
    patience: Readonly<Record<RequestName, number>> = PATIENCE,
  ) {
    this.#patience = patience;
    this.command = command;
    this.name = name;
    this.#version = version;
  }

  /** What it is; throws a FailureError where it cannot be started, or says something else. */
  async open(): Promise<Hello> {
    if (this.#hello !== null && !this.isLost) return this.#hello;
    return await this.#start();
  }

  /** How often it was started: what was prepared before the last time is gone. */
  get starts(): number {
    return this.#starts;
  }

  /** Whether it must be started again before it answers. */
  get isLost(): boolean {
    return this.#attendant === null || this.#attendant.lost !== null;
  }

  /** The number of its process; null if it has none. */
  get pid(): number | null {
    return this.#attendant?.pid ?? null;
  }

  /** The number of the thread that attends to it, if the system tells it. */
  get attendant(): number | null {
    return this.#attendant?.thread ?? null;
  }

  /** A number for what is prepared next. */
  nextCall(): number {
    return this.#nextCall++;
  }

  /** Asks. Throws a FailureError with the reason where it does not answer `ok`. */
  async ask({ body, give, more_s = 0 }: ProgramRequest): Promise<unknown> {
    const patience_s = this.#patience[body.request] + more_s;
    const request = { body, patience_s, ...(give !== undefined && { give }) };
    return this.#okOf(await this.#running().ask(request), body.request);
  }

  /** The same before this function returns; of a program that was lost it answers with the reason. */
  askNow({ body }: Pick<ProgramRequest, "body">): { readonly ok: unknown } | { readonly why: string } {
    const attendant = this.#attendant;
    if (attendant === null) return { why: `${this.name} is not open` };
    const answer = attendant.askNow({ body, patience_s: this.#patience[body.request] });
    if ("ok" in answer) return answer;
    return { why: "lost" in answer ? `${this.name} ${answer.lost}` : `${this.name}: ${answer.error}` };
  }

  /** The files of its code: those that its command names, and those that it says it read. */
  files({ files = [] }: Hello): readonly string[] {
    return filesNamed(this.command, files);
  }

  /** Ends it, and removes what was shared; each of its kernels may ask for that. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    await this.#attendant?.close();
    this.folders.remove();
  }

  async #start(): Promise<Hello> {
    if (this.#closing !== null) throw new FailureError(`${this.name} was ended`);
    if (this.#starts >= MOST_LOST) {
      throw new FailureError(
        `${this.name} was lost ${MOST_LOST} times and is not started again, the last time it ${this.#attendant?.lost}`,
      );
    }
    await this.#attendant?.close();
    const attendant = new Attendant(this.command);
    this.#attendant = attendant;
    this.#starts++;
    const body = { request: "hello", protocol: PROTOCOLS, attnbench: this.#version };
    const told = this.#okOf(await attendant.ask({ body, patience_s: this.#patience.hello }), "hello");
    const hello = this.parsed("hello", helloAnswer, told);
    // Details may change: the clocks of a device are among them.
    const before = this.#hello?.kernels ?? hello.kernels;
    if (JSON.stringify(hello.kernels) !== JSON.stringify(before)) {
      throw new FailureError(`${this.name} says something else about itself than when it was started first`);
    }
    this.#hello = hello;
    return hello;
  }

  #running(): Attendant {
    if (this.#attendant === null) throw new FailureError(`${this.name} is not open`);
    return this.#attendant;
  }

  #okOf(answer: FinalAnswer, request: string): unknown {
    if ("ok" in answer) return answer.ok;
    if ("error" in answer) throw new FailureError(`${this.name}, asked to ${request}: ${answer.error}`);
    throw new FailureError(`${this.name} ${answer.lost}`);
  }

  /** An answer by its schema. Throws a FailureError that names what is wrong. */
  parsed<T>(request: string, schema: Schema<T>, value: unknown): T {
    const { data, error } = schema.safeParse(value);
    if (error === undefined) return data as T;
    const [issue] = error.issues;
    const path = issue.path.map(String).join(".");
    throw new FailureError(
      `${this.name}: the answer to ${request}${path === "" ? "" : `, ${printable(path, 80)},`} ${schemaRule(issue)}`,
    );
  }
}

/** What of zod's is needed to read an answer. */
interface Schema<T> {
  safeParse(value: unknown): { data?: T; error?: import("zod").ZodError };
}

/** What results say about a program: what it told about itself, and its clock. */
export function detailsOf({ name, clock, details = {} }: Hello): string {
  return [name, `clock ${clock}`, ...listed(details)].join(", ");
}

/** Texts by name, each as one. */
export function listed(details: Readonly<Record<string, string>> = {}): readonly string[] {
  return Object.entries(details).map(([name, value]) => `${name} ${value}`);
}
