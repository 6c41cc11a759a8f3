import * as actual from "../../src/identity/own-code.ts";
import { ofThisCheckout } from "./of-this-checkout.ts";

export const { codeFolder, partsOfCheckout } = actual;
export const checkoutCode = ofThisCheckout(actual.checkoutCode);
