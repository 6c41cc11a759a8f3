import { formatLength } from "../../text/format.ts";
import type { Entry } from "../ranking/entry.ts";
import { measuredLengths } from "../ranking/lengths.ts";
import { isSlower } from "../ranking/slower.ts";
import { UNIT_WORDS } from "../ranking/unit-words.ts";
import type { Teller } from "./asked.ts";

/** Who is fastest over which measured lengths, in as few stretches as there can be: within one the times of those named cannot be told apart from the best. */
export const fastest: Teller = ({ entries }) => {
  const settings = [...Map.groupBy(entries, ({ setting }) => setting)].flatMap(([setting, rivals]) => {
    const stretches = stretchesOf(rivals);
    return stretches.length === 0 ? [] : [{ setting, stretches }];
  });
  const [first, ...others] = settings;
  if (first === undefined) return null;
  const { fastest: intro, length: unit } = UNIT_WORDS[entries[0].unit];
  if (others.length === 0) return `${intro} ${stretchesText(first.stretches, unit)}.`;
  const told = settings
    .slice(0, MOST_SETTINGS)
    .map(({ setting, stretches }) => `${setting}: ${atTheEnd(stretches, unit)}`);
  const more = settings.length - told.length;
  return `${intro} by setting, ${told.join("; ")}${more > 0 ? `; and ${more} more` : ""}.`;
};

/** Stretches, and settings, in a sentence. */
const MOST = 4;
const MOST_SETTINGS = 2;

/** Measured lengths, and those that are nowhere among them surely slower than another; the fastest at their end first. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly winners: readonly Entry[];
}

/** Each stretch as long as some entry lasts. */
function stretchesOf(rivals: readonly Entry[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const length of measuredLengths(rivals)) {
    const winners = winnersAt(rivals, length);
    const last = stretches.at(-1);
    const lasting = winners.filter((one) => last?.winners.includes(one));
    if (last === undefined || lasting.length === 0) stretches.push({ from: length, to: length, winners });
    else stretches[stretches.length - 1] = { from: last.from, to: length, winners: lasting };
  }
  return stretches;
}

function winnersAt(rivals: readonly Entry[], length: number): readonly Entry[] {
  const timed = rivals
    .flatMap((entry) => {
      const point = entry.points.find((one) => one.length === length);
      return point === undefined ? [] : [{ entry, time: point.time }];
    })
    .sort((a, b) => a.time.value - b.time.value);
  return timed.filter(({ time }) => !isSlower(time, timed[0].time)).map(({ entry }) => entry);
}

/** All of them; of more than a sentence holds the last. */
function stretchesText(stretches: readonly Stretch[], unit: string): string {
  const [{ from, to, winners }] = stretches;
  if (stretches.length === 1) {
    return from === to
      ? `at ${formatLength(to)}, the only ${unit}: ${either(winners)}`
      : `at every ${unit} from ${formatLength(from)} to ${formatLength(to)}: ${either(winners)}`;
  }
  const told = stretches.slice(-MOST);
  const before = stretches.length - told.length;
  const texts = told.map(
    (one, at) => `${either(one.winners)} ${where(one, at === 0 && before === 0, at === told.length - 1)}`,
  );
  return `${before > 0 ? "at last" : `by ${unit}`}: ${texts.join(", ")}`;
}

function atTheEnd(stretches: readonly Stretch[], unit: string): string {
  const last = stretches[stretches.length - 1];
  return `${either(last.winners)} ${stretches.length === 1 ? `at every ${unit}` : where(last, false, true)}`;
}

function where({ from, to }: Stretch, isFirst: boolean, isLast: boolean): string {
  if (from === to) return `at ${formatLength(to)}`;
  if (isLast) return `from ${formatLength(from)} on`;
  return isFirst ? `to ${formatLength(to)}` : `from ${formatLength(from)} to ${formatLength(to)}`;
}

/** `local`, `local or global`, `local or 3 more`. */
function either([first, second, ...others]: readonly Entry[]): string {
  if (second === undefined) return first.label;
  return others.length === 0
    ? `${first.label} or ${second.label}`
    : `${first.label} or ${others.length + 1} more`;
}
