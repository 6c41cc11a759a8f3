import { effort } from "./effort.ts";
import { gains } from "./gains.ts";
import { machines } from "./machines.ts";
import { outcomes } from "./outcomes.ts";
import { places } from "./places.ts";
import { settings } from "./settings.ts";
import type { OverviewTopic } from "./topic.ts";

/** What an overview tells of a collection, in the order in which people ask. */
export const OVERVIEW_TOPICS: readonly OverviewTopic[] = [
  gains,
  machines,
  settings,
  outcomes,
  effort,
  places,
];
