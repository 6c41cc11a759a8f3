import { power } from "../power.ts";
import type { Teller } from "./asked.ts";

/** Which grow clearly steeper than declared. */
export const growth: Teller = ({ entries }) => {
  const fitted = entries.filter((one) => one.growth.slope !== null);
  if (fitted.length === 0) return null;
  const steep = fitted.filter((one) => one.growth.steep !== null);
  const of = `${fitted.length} ${fitted.length === 1 ? "curve" : "curves"}`;
  if (steep.length === 0) return `Yes: of ${of} none grows clearly steeper than declared.`;
  const named = steep
    .slice(0, 3)
    .map(({ label, growth: { steep, declared } }) => `${label} (${steep}, declared ${declared})`);
  const more = steep.length > 3 ? ` and ${steep.length - 3} more` : "";
  return `${steep.length} of ${of} ${steep.length === 1 ? "grows" : "grow"} clearly steeper than declared: ${named.join(", ")}${more}.`;
};

/** Between which exponents of its position a token's time grows. */
export const tokenGrowth: Teller = ({ entries }) => {
  const fitted = entries
    .flatMap(({ label, growth: { slope, declared } }) => (slope === null ? [] : [{ label, slope, declared }]))
    .sort((a, b) => a.slope - b.slope);
  if (fitted.length === 0) return null;
  const told = ({ label, slope, declared }: (typeof fitted)[number]) =>
    `${label} ${power(slope, "P")} (declared ${Number(declared.toFixed(2))})`;
  return fitted.length === 1
    ? `A token's time grows with its position P: ${told(fitted[0])}.`
    : `A token's time grows with its position P: from ${told(fitted[0])} to ${told(fitted[fitted.length - 1])}.`;
};
