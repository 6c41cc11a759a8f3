import { forbiddenKeys } from "../../laws/forbidden-keys.ts";
import type { Law } from "../../laws/law.ts";
import { ownBlock, singleKeys } from "./moba.ts";
import { singlePages } from "./quest.ts";
import { equalQueries, oneChunk, roundsAdd, roundsMerge, unreadKeys } from "./reformer.ts";
import { oneCentre, separated, unrouted } from "./routing.ts";
import { keptMass, oneKey } from "./top-k.ts";
import { unreadValues } from "./unread-values.ts";

/** Where tokens that come later cannot change what is chosen. */
export const forbiddenKeysOfPrefixes: Law = {
  ...forbiddenKeys,
  applies: (subject) =>
    forbiddenKeys.applies(subject) && (subject.filled.kind.keepsPrefixes?.(subject.filled.mechanism) ?? true),
};

/** The laws of rules, and of choices. */
export const selectionLaws: readonly Law[] = [
  unreadValues,
  oneKey,
  keptMass,
  ownBlock,
  singleKeys,
  singlePages,
  oneChunk,
  unreadKeys,
  equalQueries,
  roundsAdd,
  roundsMerge,
  oneCentre,
  unrouted,
  separated,
];
