import { FailureError, messageOf, UsageError } from "../../core/errors.ts";
import type { GridSetting } from "../../sweep/plan/grid-settings.ts";
import type { OptionValue } from "../../sweep/plan/plan.ts";
import type { ReadPlan } from "../../sweep/plan/read-plan.ts";

/** What `make` gives; an error says where in the plan the setting stands that it is about, and which setting that is. */
export async function placedInPlan<T>(
  setting: GridSetting,
  { plan, at }: ReadPlan,
  make: () => Promise<T>,
): Promise<T> {
  try {
    return await make();
  } catch (thrown) {
    if (!(thrown instanceof UsageError || thrown instanceof FailureError)) throw thrown;
    const message = messageOf(thrown);
    const several = plan.axes.filter(({ values }) => values.length > 1);
    const inWords = several.map(({ option }) => `${option}=${setting.options[option] ?? "usual"}`).join(" ");
    const where = `${at(pathOf(message, setting, plan))}${inWords === "" ? "" : `, with ${inWords}`}`;
    const Kind = thrown instanceof UsageError ? UsageError : FailureError;
    throw new Kind(`${where}: ${message}`, { cause: thrown });
  }
}

/** Something that a plan says, with where. */
interface Said {
  readonly path: readonly PropertyKey[];
  readonly value: OptionValue;
}

/** Where in a plan that stands which a message is about: the option that it names, or whose words it has most of. */
function pathOf(message: string, setting: GridSetting, plan: ReadPlan["plan"]): readonly PropertyKey[] {
  const said = saidBy(setting, plan);
  const named = /^--([a-z][a-z-]*)/.exec(message)?.[1];
  const ofOption = named === undefined ? undefined : said.findLast(({ path }) => path[1] === named);
  if (ofOption !== undefined) return ofOption.path;
  // What follows is what is known, or what to do.
  const [rule] = message.split(";");
  const words = new Set(wordsIn(rule));
  const scores = said.map(({ value }) => wordsIn(String(value)).filter((word) => words.has(word)).length);
  const most = Math.max(...scores);
  return most > 0 ? said[scores.lastIndexOf(most)].path : ["grid"];
}

/** All that one setting of a plan consists of. */
function saidBy({ chosen, options }: GridSetting, plan: ReadPlan["plan"]): readonly Said[] {
  const { baseline, variants, lengths, settings } = plan;
  return [
    { path: ["baseline"], value: baseline },
    { path: ["grid", "variants"], value: variants ?? "" },
    { path: ["grid", "lengths"], value: lengths ?? "" },
    ...Object.entries(settings).map(([option, value]) => ({ path: ["settings", option], value })),
    ...chosen.map(({ option, index }) => ({ path: ["grid", option, index], value: options[option] ?? "" })),
  ];
}

function wordsIn(text: string): readonly string[] {
  return text.match(/[\w-]+/g) ?? [];
}
