import { basename, dirname } from "node:path";
import { FailureError, messageOf, printable, UsageError } from "../core/errors.ts";
import { type CodeIdentity, identifyModules, nameFrom, UNREADABLE } from "../identity/module-graph.ts";
import { openProgram } from "../kernels/external/open-program.ts";
import { namesPeer, peerName, peerOf, whyNoPeer } from "../kernels/external/peers.ts";
import type { Hello } from "../kernels/external/protocol.ts";
import type { Plugin } from "./load-plugin.ts";

/**
 * The kernels of a program in any language, such as `exec:python3 mine.py`, started and asked what it brings. Each time it is
 * another process.
 */
export async function loadProgram(name: string): Promise<Plugin> {
  try {
    const { kernels, hello, files, close } = await openProgram(name);
    const code = { ...versionsIn(hello), ...codeOf(name, files) };
    return {
      variants: [],
      kinds: [],
      kernels,
      code: { name: recordedName(name, files), code },
      close,
    };
  } catch (thrown) {
    const said = messageOf(thrown);
    // What is no program says so with its name in front.
    if (thrown instanceof UsageError) throw new UsageError(`kernel ${said}`);
    const why = namesPeer(name) ? whyNoPeer(name, said) : said;
    throw new FailureError(`kernel ${printable(name, 120)}: ${why}`, { cause: thrown });
  }
}

/** A peer is known by its name: several have one file, and differ in their settings. */
function recordedName(name: string, files: readonly string[]): string {
  if (namesPeer(name)) return peerName(peerOf(name));
  return files.length > 0 ? basename(files[0]) : name;
}

/** A version as programs tell it: `2.13.0+cpu`, `v26.10.0`, `CPython 3.11.2`. */
const VERSION = /^([\w.-]+ )?v?\d+\.\d+\S*$/;

/** What it says that it runs by: of the same files, another version of a library is other code. */
function versionsIn({ details = {} }: Hello): CodeIdentity {
  const versions = Object.entries(details).filter(([, told]) => VERSION.test(told));
  return Object.fromEntries(versions.map(([name, told]) => [`told:${name}`, told]));
}

/** Of a program without files that are known, such as one on the path, nobody can say which code it is. */
function codeOf(name: string, files: readonly string[]): CodeIdentity {
  if (files.length === 0) return { [name]: UNREADABLE };
  const base = dirname(files[0]);
  return identifyModules(new Map(files.map((path) => [nameFrom(base, path), path])), { base });
}
