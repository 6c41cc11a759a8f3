import { shortName } from "../../text/labels.ts";
import { browserName } from "../browser-name.ts";
import type { OverviewPlace } from "./overview.ts";

/** A class of machines with its processor: `epyc: AMD EPYC 9354`. */
export function placeName({ label, environment }: Pick<OverviewPlace, "label" | "environment">): string {
  return `${label}: ${processorOf(environment)}`;
}

/** The processor or, as browsers do not tell it, the browser. */
export function processorOf({ browser, cpu }: OverviewPlace["environment"]): string {
  return browser === undefined ? shortName(cpu, 60) : browserName(browser.user_agent);
}
