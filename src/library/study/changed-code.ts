import { codeDifference, pluginCode } from "../../compare/code-differences.ts";
import type { PluginCode } from "../../plugins/import-plugin.ts";
import type { StudyLine } from "../../record/schema/learning-lines.ts";

type Code = Readonly<Record<string, string>> | undefined;

/** How this package's own code differs from that which a study began with, in words that follow `began with`; null if it does not. */
export function changedCode({ code: began }: Pick<StudyLine, "code">, now: Code): string | null {
  if (began === undefined || now === undefined) {
    return began === now ? null : `code that is ${told(began)}, this is ${told(now)}`;
  }
  return changed("code", began, now);
}

/** The same of the plug-ins that were given then and now. */
export function changedPlugins(
  { plugins = [] }: Pick<StudyLine, "plugins">,
  now: readonly PluginCode[],
): string | null {
  return changed("plugins", pluginCode({ plugins }), pluginCode({ plugins: [...now] }));
}

function changed(what: string, began: NonNullable<Code>, now: NonNullable<Code>): string | null {
  const difference = codeDifference(began, now);
  return difference === null ? null : `${what} ${difference.base}, this is ${difference.head}`;
}

function told(code: Code): string {
  return code === undefined ? "not known" : "known";
}
