/**
 * What the engine needs of whatever runs it, and no language standard gives: one implementation is of Node, one of a
 * browser's worker, and `here.ts` is the one that a program is linked with. What a host does not tell is null.
 */
export interface Platform extends EventLoop, Hashing, WasmHost, Threads, Readings {}

interface EventLoop {
  /** Resolves in the next turn of the event loop: what arrived meanwhile was heard. */
  nextTurn(): Promise<void>;
}

interface Hashing {
  /** SHA-256 of all the bytes one after the other, as 64 hexadecimal digits. */
  sha256(...parts: readonly Uint8Array[]): string;
}

/** What the wasm kernels need. */
interface WasmHost {
  /** The bytes of a build, by its name; null if it was not built. */
  wasmModule(name: string): Uint8Array<ArrayBuffer> | null;
  /** Why memory cannot be shared by threads, as the memory of wasm kernels always could be; null if it can be. */
  whyNoSharedMemory(): string | null;
  /** Whether the engine can be told to fuse pairs of 128-bit operations of wasm into 256 bits. */
  readonly canFuse: boolean;
  /** Tells it to, or not to, for what is optimised from now on. Does nothing where it cannot be told. */
  setFusion(on: boolean): void;
  /** The script of the threads of wasm kernels. */
  readonly wasmWorker: URL;
}

interface Threads {
  /** Why kernels have no threads but the one that calls them; null if they have. */
  whyNoThreads(): string | null;
  /** Starts a thread, which does not keep the program alive. Its script must call `asWorker`. */
  startWorker(script: URL, start: unknown): RunningWorker;
  /** In a thread: begins its work, with what it was started with and what is posted to it from then on. */
  asWorker<Start, Message>(work: (start: Start, inbox: Inbox<Message>) => void): void;
}

/** A thread, as seen by who started it. */
export interface RunningWorker {
  /** Posts a structured clone. */
  post(message: unknown): void;
  end(): void;
  /** Calls `told` with the reason when the thread ends by itself, which may be more than once. */
  onLost(told: (why: string) => void): void;
}

/** What was posted to a thread. */
export interface Inbox<Message> {
  /**
   * Hands over what was posted and not yet handed over, in order. Null once `total` messages have been since the thread
   * began; where they only come between turns of the event loop, a promise that resolves when they have.
   */
  take(receive: (message: Message) => void, total: number): Promise<void> | null;
}

/** What the system under the engine tells of itself. */
interface Readings {
  /** The text of a file of Linux's /proc or /sys; null where there is none. */
  readSystemFile(path: string): string | null;
  /** The names in such a folder; null where there is none. */
  listSystemFolder(path: string): readonly string[] | null;
  /** Seconds of processor time of all threads of this process so far. */
  processorSeconds(): number | null;
  /** One-minute load average. */
  load(): number | null;
  /** How often this process was preempted so far. */
  involuntarySwitches(): number | null;
  /** Threads that can run at once. */
  processors(): number;
  /** Bytes that can still be allocated; Infinity if unknown. */
  availableMemory(): number;
  /** Bytes that this process may use: the machine's, or what a container allows; 0 if unknown. */
  usableMemory(): number;
  /** What the machine and the runtime call themselves. */
  names(): HostNames;
  /** What measuring relies on of this host beside the language, and any module can replace, with the keys that matter. */
  readonly reliedUpon: readonly Holder[];
}

/** As results record them; `node` and `v8` are versions, null in a browser. */
export interface HostNames {
  readonly cpu: string;
  readonly os: string;
  readonly node: string | null;
  readonly v8: string | null;
  readonly flags: readonly string[];
}

/** An object by its name, and those of its keys that matter; all if omitted. */
export type Holder = readonly [name: string, holder: object, keys?: readonly PropertyKey[]];
