/**
 * Variants of which there are golden vectors, but which attnbench does not have yet. Whoever adds one deletes
 * its name, and its vectors are tested.
 */
export const GOLDEN_TO_COME: ReadonlySet<string> = new Set([]);

/** Kinds of whose gradients there are golden vectors, but which have none yet; the same. */
export const GRADIENTS_TO_COME: ReadonlySet<string> = new Set([]);
