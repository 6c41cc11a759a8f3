import { type ConditionId, type Conditions, choicesAmong } from "../ranking/conditions.ts";
import { askedText } from "./asked-text.ts";
import { MIB, PERCENT } from "./fragment.ts";
import { countIf, type FileData, type Follower, ranked } from "./view.ts";
import type { ViewStore } from "./view-store.ts";

/** Lets the form of conditions answer; what is shown and counted beside each follows the view. */
export function conditionsForm(form: HTMLFieldSetElement, file: FileData, store: ViewStore): Follower {
  const boxes = [...form.querySelectorAll<HTMLInputElement>("input[type=checkbox]")];
  const bounds = [...form.querySelectorAll<HTMLInputElement>("input[type=number]")];
  const status = form.querySelector("output");
  const total = ranked(file).length;
  const variants = new Set(ranked(file).map(({ variant }) => variant)).size;
  const choices = choicesAmong(ranked(file));
  const known = new Set(choices.map(({ id }) => id));
  const asked = document.createElement("p");
  asked.className = "asked";
  form.after(asked);
  const conditionOf = ({ name }: HTMLInputElement) => [...known].find((id) => id === name) ?? null;
  form.addEventListener("input", ({ target }) => {
    if (target === only) store.change({ only: only.checked });
    else store.change({ conditions: conditionsIn(boxes, bounds, conditionOf) });
  });
  form.querySelector<HTMLButtonElement>("button[value=any]")?.addEventListener("click", () => {
    store.change({ conditions: { chosen: new Map(), memory: null, error: null }, only: false });
  });
  closable([...form.querySelectorAll("details")]);
  const only = onlyBox();
  (status ?? form).before(only.parentElement ?? only, " ");
  form.hidden = false;
  let before: readonly unknown[] = [];
  return {
    follow(shown) {
      const { view, ranking } = shown;
      const { conditions, chosen } = view;
      const now = [view.only, conditions, ranking.length, chosen.size] as const;
      if (now.every((one, at) => one === before[at])) return;
      before = now;
      for (const box of boxes) {
        const id = conditionOf(box);
        if (id === null) continue;
        box.checked = conditions.chosen.get(id)?.has(box.value) ?? false;
        const count = box.closest("label")?.querySelector(".count");
        if (count) count.textContent = `${countIf(shown, id, box.value)}`;
      }
      for (const bound of bounds) write(bound, conditions);
      only.checked = view.only;
      only.disabled = chosen.size === 0 && !view.only;
      const count = ranking.ranked.length + ranking.unranked.length;
      const text = shownText(count, total, variants);
      if (status !== null) status.textContent = text;
      const words = askedText(conditions, view.only, choices);
      asked.textContent = words === "" ? "" : `${text}: ${words}.`;
    },
  };
}

/** How many of how many are shown, in words; what is counted is said if it is not variants. */
export function shownText(shown: number, all: number, variants: number): string {
  const counted = all === variants ? "" : " curves";
  return shown === all ? `all ${all}${counted} shown` : `${shown} of ${all}${counted} shown`;
}

interface Box {
  readonly name: string;
  readonly value: string;
  readonly checked: boolean;
}

/** What the boxes and bounds of a form ask for; what is no number, or less than nothing, asks nothing. */
export function conditionsIn<Input extends Box>(
  boxes: readonly Input[],
  bounds: readonly Pick<Box, "name" | "value">[],
  conditionOf: (box: Input) => ConditionId | null,
): Conditions {
  const chosen = new Map<ConditionId, Set<string>>();
  for (const box of boxes) {
    const id = conditionOf(box);
    if (id === null || !box.checked) continue;
    chosen.set(id, (chosen.get(id) ?? new Set()).add(box.value));
  }
  const bound = (name: string, unit: number) => {
    const text = bounds.find((one) => one.name === name)?.value.trim() ?? "";
    const value = Number(text) * unit;
    return text === "" || !Number.isFinite(value) || value < 0 ? null : value;
  };
  return { chosen, memory: bound("memory", MIB), error: bound("error", PERCENT) };
}

/** Not while the reader writes there. */
function write(bound: HTMLInputElement, { memory, error }: Conditions): void {
  if (bound === document.activeElement) return;
  const value = bound.name === "memory" ? ([memory, MIB] as const) : ([error, PERCENT] as const);
  bound.value = value[0] === null ? "" : `${Number((value[0] / value[1]).toPrecision(12))}`;
}

/** What opens over the page closes by Escape, and where anything else is clicked. */
function closable(all: readonly HTMLDetailsElement[]): void {
  addEventListener("pointerdown", ({ target }) => {
    for (const one of all) if (!(target instanceof Node && one.contains(target))) one.open = false;
  });
  for (const one of all) {
    one.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape") return;
      one.open = false;
      one.querySelector("summary")?.focus();
    });
  }
}

function onlyBox(): HTMLInputElement {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.autocomplete = "off";
  const label = document.createElement("label");
  label.className = "only";
  label.append(box, " lit only");
  return box;
}
