import type { PageChoices } from "../choices.ts";

/** What the form asks for; what is left empty is omitted, and so as in the command line. */
export function choicesIn(
  form: HTMLFormElement,
  variants: readonly string[],
  kernels: readonly string[],
): PageChoices {
  const data = new FormData(form);
  const text = (name: keyof PageChoices) => {
    const value = data.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
  const typed = (name: keyof PageChoices) => (text(name) === "" ? {} : { [name]: text(name) });
  const whole = (name: keyof PageChoices) => (text(name) === "" ? {} : { [name]: Number(text(name)) });
  const set = text("set")
    .split(/\s*\n\s*/)
    .filter((one) => one !== "");
  return {
    ...(variants.length > 0 && { variants }),
    ...(kernels.length > 0 && { kernels }),
    ...typed("lengths"),
    ...typed("mode"),
    ...typed("dtype"),
    ...typed("input"),
    ...typed("budget"),
    ...whole("batch"),
    ...whole("heads"),
    ...whole("kvHeads"),
    ...whole("headDim"),
    ...whole("valueDim"),
    ...whole("threads"),
    ...whole("rounds"),
    ...whole("seed"),
    ...(data.get("causal") !== null && { causal: true }),
    ...(set.length > 0 && { set }),
  };
}
