import type { Law } from "../../laws/law.ts";
import { blendBounded, constantWritten, gatesOpen } from "./gates.ts";
import { nothingRead, nothingRemembered, unread, withinOne } from "./learned.ts";

/** What cells keep besides what any kind may. */
export const cellLaws: readonly Law[] = [
  gatesOpen,
  constantWritten,
  blendBounded,
  nothingRead,
  withinOne,
  nothingRemembered,
  unread,
];
