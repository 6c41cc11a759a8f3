/** What WebGPU is reached through. */
export interface FoundGpu {
  readonly gpu: GPU;
  /** What implements it, such as `Dawn by webgpu 0.6.2` or a browser. */
  readonly implementation: string;
  /** What it was told besides its defaults, such as `disable-dawn-features=timestamp_quantization`. */
  readonly toggles: readonly string[];
}

/** Finds it, or says in words why there is none. Does not throw. */
export type FindGpu = () => Promise<FoundGpu | string>;
