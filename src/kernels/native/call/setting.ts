import process from "node:process";
import { ROUTES, type Route } from "./load-code.ts";

/**
 * A variable of the environment that tries what else a machine may be like: *off*, *no-avx512*, as if the processor
 * had none, or one route alone by which code becomes executable.
 */
const VARIABLE = "ATTNBENCH_NATIVE";
const SETTINGS = ["off", "no-avx512", ...ROUTES] as const;

export type Setting = (typeof SETTINGS)[number];

/** What the variable says; null if it is not set, and a fault if it says nothing known. */
export function nativeSetting(): { readonly setting: Setting | null } | { readonly fault: string } {
  const text = process.env[VARIABLE] ?? "";
  if (text === "") return { setting: null };
  const setting = SETTINGS.find((known) => known === text);
  if (setting !== undefined) return { setting };
  return {
    fault: `${VARIABLE} must be ${SETTINGS.slice(0, -1).join(", ")} or ${SETTINGS.at(-1)}, got ${JSON.stringify(text)}`,
  };
}

/** The routes to try. */
export function allowedRoutes(): readonly Route[] {
  const said = nativeSetting();
  return ROUTES.filter((route) => !("setting" in said) || !isRoute(said.setting) || route === said.setting);
}

function isRoute(setting: Setting | null): setting is Route {
  return ROUTES.some((route) => route === setting);
}
