import { USUAL_DTYPE } from "../../core/dtype.ts";
import { FailureError } from "../../core/errors.ts";
import { OUT } from "../../core/outputs.ts";
import type { Problem } from "../../core/problem.ts";
import { bindHeads } from "../../pattern/bind.ts";
import type { OtherProcess, OwnTime, Runnable } from "../kernel.ts";
import { type CallTensor, inputsOf, outputsOf } from "./call-tensors.ts";
import { caseData, patternOf } from "./case-data.ts";
import { patternTensors } from "./pattern-tensors.ts";
import type { Program } from "./program.ts";
import { CPU, deviceOf, type Need, outputsAnswer, runAnswer, type ToldKernel } from "./protocol.ts";
import { type Held, TensorFile } from "./tensor-file.ts";

/** How files hold the numbers of each dtype. */
const STORED = { float32: "F32", float16: "F16", bfloat16: "BF16" } as const;

/** What is prepared in a program, and the files that it shares. */
export class PreparedCall implements Runnable {
  readonly #program: Program;
  readonly #kernel: ToldKernel;
  readonly #problem: Problem;
  readonly #output: Float32Array;
  readonly #call: number;
  readonly #inputsFile: TensorFile;
  readonly #outputFile: TensorFile;
  readonly #case: Readonly<Record<string, unknown>>;
  readonly #outputs: readonly CallTensor[];
  #start = 0;
  #started: Promise<unknown> | null = null;
  #callSeconds = 0;
  workspaceBytes: number | null = null;
  readonly executedFlops = null;
  readonly bytes = null;

  private constructor(program: Program, kernel: ToldKernel, problem: Problem, output: Float32Array) {
    this.#program = program;
    this.#kernel = kernel;
    this.#problem = problem;
    this.#output = output;
    this.#call = program.nextCall();
    this.#case = caseData(problem, deviceOf(kernel));
    this.#outputs = outputsOf(problem, output);
    this.#inputsFile = this.#file("inputs", inputsOf(problem));
    try {
      output.fill(Number.NaN);
      this.#outputFile = this.#file("output", this.#outputs);
    } catch (thrown) {
      this.#inputsFile.close();
      throw thrown;
    }
  }

  static async of(program: Program, kernel: ToldKernel, problem: Problem, output: Float32Array) {
    await program.open();
    const call = new PreparedCall(program, kernel, problem, output);
    try {
      await call.#prepare();
    } catch (thrown) {
      call.#closeFiles();
      throw thrown;
    }
    return call;
  }

  get process(): OtherProcess {
    const { pid, attendant } = this.#program;
    return { pid, attendant, onProcessors: deviceOf(this.#kernel) === CPU };
  }

  async load(): Promise<void> {
    for (const { name, values } of inputsOf(this.#problem)) this.#inputsFile.write(name, values);
    if (await this.#isNew()) return;
    await this.#program.ask({ body: { request: "load", call: this.#call } });
  }

  run(): void {
    this.#started = this.timed(1);
    // Whoever awaits `finish` hears it.
    this.#started.catch(() => {});
  }

  async finish(): Promise<void> {
    await this.#started;
    this.#started = null;
  }

  async timed(calls: number): Promise<OwnTime> {
    const answer = await this.#ask(
      { request: "run", call: this.#call, calls },
      2 * calls * this.#callSeconds,
    );
    const { wall, device = null } = this.#program.parsed("run", runAnswer, answer);
    if (wall > 0 && Number.isFinite(wall)) this.#callSeconds = wall / calls;
    return { wall, device };
  }

  async fetch(): Promise<void> {
    const answer = await this.#ask({ request: "outputs", call: this.#call });
    const told = this.#program.parsed("outputs", outputsAnswer, answer);
    const shapes = new Map([[OUT, told.shape], ...Object.entries(told.gradients ?? {})]);
    for (const { name, sizes } of this.#outputs) {
      const shape = shapes.get(name);
      if (shape?.join() === sizes.join()) continue;
      const got = shape === undefined ? "no shape of it" : `[${shape.join(", ")}]`;
      throw new FailureError(
        `${this.#program.name}: its ${name === OUT ? "output" : name} must be [${sizes.join(", ")}], got ${got}`,
      );
    }
    if (told.dtype !== this.#case.dtype) {
      throw new FailureError(
        `${this.#program.name}: its output must be ${this.#case.dtype}, got ${told.dtype}`,
      );
    }
    this.workspaceBytes = told.workspace_bytes ?? null;
    for (const { name, values } of this.#outputs) this.#outputFile.read(name, values);
  }

  output(): Float32Array {
    return this.#output;
  }

  dispose(): void {
    this.#closeFiles();
    if (this.#program.starts !== this.#start || this.#program.isLost) return;
    // What fails here shows in what is asked next.
    this.#program.ask({ body: { request: "dispose", call: this.#call } }).catch(() => {});
  }

  async #prepare(): Promise<void> {
    const { id } = this.#kernel;
    const given: TensorFile[] = [];
    try {
      await this.#program.ask({
        body: {
          request: "prepare",
          kernel: id,
          case: this.#case,
          call: this.#call,
          inputs: this.#inputsFile.path,
          output: this.#outputFile.path,
        },
        give: (need) => {
          const file = this.#file(`${need}-${given.length}`, this.#pattern(need));
          given.push(file);
          return { file: file.path };
        },
      });
      this.#start = this.#program.starts;
    } finally {
      // Who has mapped or read it keeps it.
      for (const file of given) file.close();
    }
  }

  async #ask(body: { readonly request: "run" | "outputs" } & Readonly<Record<string, unknown>>, more_s = 0) {
    await this.#isNew();
    return await this.#program.ask({ body, more_s });
  }

  /** A program that was lost in another case is started again, and has forgotten this one: it prepares it anew. */
  async #isNew(): Promise<boolean> {
    await this.#program.open();
    if (this.#program.starts === this.#start) return false;
    await this.#prepare();
    return true;
  }

  #pattern(need: Need): readonly Held[] {
    const pattern = patternOf(this.#problem.mechanism);
    if (pattern === null) throw new FailureError(`${need}: the case has no pattern`);
    return patternTensors(bindHeads({ pattern }, this.#problem), need);
  }

  #file(name: string, tensors: readonly Held[]): TensorFile {
    return new TensorFile(
      this.#program.folders,
      `${this.#call}-${name}.safetensors`,
      STORED[this.#problem.dtype ?? USUAL_DTYPE],
      tensors,
    );
  }

  #closeFiles(): void {
    this.#inputsFile.close();
    this.#outputFile.close();
  }
}
