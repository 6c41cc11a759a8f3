/**
 * One call of the module: 32-bit words at `call`, written by the host. Pointers are bytes; nothing is kept in the module
 * between calls, so that several calls may share it.
 */
export class Call {
  /** Tasks `from … to`, 32 bytes each, and the bits of their tiles. */
  @inline static tasks(call: usize): usize { return load<u32>(call, 0); }
  @inline static tasksEnd(call: usize): usize { return load<u32>(call, 4); }
  @inline static masks(call: usize): usize { return load<u32>(call, 8); }
  /** One head of the tensors, `[length, d]`. */
  @inline static q(call: usize): usize { return load<u32>(call, 12); }
  @inline static k(call: usize): usize { return load<u32>(call, 16); }
  @inline static v(call: usize): usize { return load<u32>(call, 20); }
  @inline static out(call: usize): usize { return load<u32>(call, 24); }
  @inline static length(call: usize): i32 { return load<i32>(call, 28); }
  @inline static d(call: usize): i32 { return load<i32>(call, 32); }
  /** Width of a padded row of values and of output: d, or d + 1 for feature maps, up to a multiple of 16. */
  @inline static width(call: usize): i32 { return load<i32>(call, 36); }
  /** log2(e)/√d for softmax, ε for feature maps. */
  @inline static factor(call: usize): f32 { return load<f32>(call, 40); }
  @inline static queries(call: usize): usize { return load<u32>(call, 44); }
  @inline static keys(call: usize): usize { return load<u32>(call, 48); }
  @inline static values(call: usize): usize { return load<u32>(call, 52); }
  @inline static scores(call: usize): usize { return load<u32>(call, 56); }
  @inline static output(call: usize): usize { return load<u32>(call, 60); }
  @inline static maximum(call: usize): usize { return load<u32>(call, 64); }
  @inline static total(call: usize): usize { return load<u32>(call, 68); }
  @inline static keptMaximum(call: usize): usize { return load<u32>(call, 72); }
  @inline static keptTotal(call: usize): usize { return load<u32>(call, 76); }
  @inline static keptOutput(call: usize): usize { return load<u32>(call, 80); }
  @inline static scratch(call: usize): usize { return load<u32>(call, 84); }
  /** Whether every value is finite: found out by the module. */
  @inline static finite(call: usize): bool { return load<i32>(call, 88) != 0; }
  @inline static setFinite(call: usize, finite: bool): void { store<i32>(call, finite ? 1 : 0, 88); }
  /** Feature maps: the state `[d up to a multiple of 6, width]`, and whether the call is causal. */
  @inline static state(call: usize): usize { return load<u32>(call, 92); }
  @inline static causal(call: usize): bool { return load<i32>(call, 96) != 0; }
}
