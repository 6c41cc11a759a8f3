import { family } from "../../src/core/family.ts";
import { fnet } from "./fnet.ts";

export const mixing = family("mixing", "tokens are mixed without a product of q and k", [fnet]);
