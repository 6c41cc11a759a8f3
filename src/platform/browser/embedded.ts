/** What a browser cannot load by itself from a page that is one file: the bundler writes it into the script. */
export interface Embedded {
  /** The version of attnbench. */
  readonly version: string;
  /** SHA-256 of the script, before this was written into it. */
  readonly code: string;
  /** The bytes of each wasm build in base64, by its name. */
  readonly wasm: Readonly<Record<string, string>>;
  /** The script of the threads of wasm kernels. */
  readonly wasmWorker: string;
}

/** The name that the bundler declares in the script. */
declare const ATTNBENCH_EMBEDDED: Embedded;

export const embedded: Embedded = ATTNBENCH_EMBEDDED;
