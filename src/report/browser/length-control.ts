import { formatLength } from "../../text/format.ts";
import { measuredLengths, SLIDER_STEPS, stepAt } from "../ranking/lengths.ts";
import { type FileData, type Follower, ranked } from "./view.ts";
import type { ViewStore } from "./view-store.ts";

/** Lets the box and the slider of a ranking's length answer. */
export function lengthControl(form: HTMLFieldSetElement, file: FileData, store: ViewStore): Follower | null {
  const box = form.querySelector<HTMLInputElement>("input[type=number]");
  const slider = form.querySelector<HTMLInputElement>("input[type=range]");
  if (box === null || slider === null) return null;
  const lengths = measuredLengths(ranked(file));
  box.addEventListener("input", () => {
    if (box.validity.valid && box.value !== "") store.change({ n: box.valueAsNumber });
  });
  box.required = true;
  // What cannot be ranked is said by the browser, and the ranking stays.
  box.addEventListener("change", () => {
    if (box.reportValidity()) box.value = `${store.view.n}`;
  });
  slider.addEventListener("input", () => store.change({ n: lengthAt(slider.valueAsNumber, lengths) }));
  slider.addEventListener("keydown", (event) => {
    const direction = DIRECTIONS.get(event.key);
    if (direction === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    store.change({ n: (event.shiftKey ? lengthBeside : measuredBeside)(store.view.n, direction, lengths) });
  });
  form.hidden = false;
  return {
    follow({ view: { n } }) {
      // Not while the reader writes there.
      if (box !== document.activeElement) box.value = `${n}`;
      if (lengthAt(slider.valueAsNumber, lengths) !== n) slider.value = `${stepAt(n, lengths)}`;
      const measured = lengths.includes(n) ? "measured" : "read off between measured lengths";
      slider.setAttribute("aria-valuetext", `${formatLength(n)}, ${measured}`);
    },
  };
}

const DIRECTIONS = new Map<string, 1 | -1>([
  ["ArrowRight", 1],
  ["ArrowUp", 1],
  ["ArrowLeft", -1],
  ["ArrowDown", -1],
]);

/** The measured length after another, or before it; the last, or the first, if there is none. */
export function measuredBeside(length: number, direction: 1 | -1, lengths: readonly number[]): number {
  return direction === 1
    ? (lengths.find((other) => other > length) ?? lengths[lengths.length - 1])
    : (lengths.findLast((other) => other < length) ?? lengths[0]);
}

/** The length a step of the slider after another, or before it, and at least one token from it, within those measured. */
export function lengthBeside(length: number, direction: 1 | -1, lengths: readonly number[]): number {
  const next = lengthAt(stepAt(length, lengths) + direction, lengths);
  const apart = direction * (next - length) > 0 ? next : length + direction;
  return Math.min(lengths[lengths.length - 1], Math.max(lengths[0], apart));
}

/** The length at a step of the slider, which is logarithmic: a measured one at its own. */
export function lengthAt(step: number, lengths: readonly number[]): number {
  const [first, last] = [lengths[0], lengths[lengths.length - 1]];
  const measured = lengths.find((length) => stepAt(length, lengths) === step);
  return measured ?? Math.round(first * (last / first) ** (step / SLIDER_STEPS));
}
