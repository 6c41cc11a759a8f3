import * as z from "zod";
import { text } from "./quantities.ts";

/** Code by name: of a file the SHA-256 of its content, of a package its version. */
export const identified = z.record(text, text);

/** What ran of a plug-in, by files and packages. */
export const pluginCode = z.object({ name: text, code: identified });
