import type { Task } from "../../core/problem.ts";

/** A buffer that a call keeps besides its tensors, such as states: its label, and its bytes. */
export interface KeptBuffer {
  readonly label: string;
  readonly bytes: number;
}

/**
 * The buffers of a kind's call that grow with its shape, on a device that binds so many bytes at once; none
 * of tasks of other kinds.
 */
export type KeptBuffers = (task: Task, most: number) => readonly KeptBuffer[];
