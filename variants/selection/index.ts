import { family } from "../../src/core/family.ts";
import { moba } from "./moba.ts";
import { nsa } from "./nsa.ts";
import { quest } from "./quest.ts";
import { reformer } from "./reformer.ts";
import { routing } from "./routing.ts";
import { topK } from "./top-k.ts";

export const selections = family("selection", "q and k choose which keys are attended", [
  topK,
  moba,
  nsa,
  quest,
  reformer,
  routing,
]);
