import * as actual from "../../src/identity/checkout.ts";
import { ofThisCheckout } from "./of-this-checkout.ts";

export const readCheckout = ofThisCheckout(actual.readCheckout);
