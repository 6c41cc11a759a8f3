import { enableCompileCache, registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { inPlaceOf } from "./replaced.ts";

// Loaded before the program of a process that is started by tests.
enableCompileCache();
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    if (!found.url.startsWith("file:") || context.parentURL?.startsWith("file:") !== true) return found;
    const other = inPlaceOf(fileURLToPath(found.url), fileURLToPath(context.parentURL));
    return other === null ? found : { ...found, url: pathToFileURL(other).href };
  },
});
