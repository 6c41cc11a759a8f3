import type { Law } from "../../laws/law.ts";

/** What recurrences keep besides what any kind may. */
export const recurrenceLaws: readonly Law[] = [];
