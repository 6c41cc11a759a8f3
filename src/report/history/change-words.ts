import type { FoundChange } from "../../history/changes/check-changes.ts";
import { changeText, intervalText } from "../comparison/change-text.ts";

/** The digits of a hash that are shown. */
const SHORT_HASH = 12;

export function shortHash(commit: string): string {
  return commit.slice(0, SHORT_HASH);
}

/** `+5.2 % (+4.8 … +5.6 %)`. */
export function sizeText({ change }: FoundChange): string {
  return `${changeText(change.ratio)} (${intervalText(change)})`;
}

/** `slower` or `faster`. */
export function directionOf({ change }: FoundChange): "slower" | "faster" {
  return change.ratio > 1 ? "slower" : "faster";
}

/** Where the level is now, if that is not where the change left it: `; by now +2.1 %`. */
export function nowText({ change, now }: FoundChange): string {
  return Math.abs(Math.log(now / change.ratio)) < 0.005 ? "" : `; by now ${changeText(now)}`;
}
