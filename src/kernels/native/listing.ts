import type { Program } from "./call/program.ts";

/** Where a listing names a label: where it is, where it is jumped to or called, and as an address. */
const LABEL = /^\w+(?=:$)|(?<=(?:^| )(?:j[a-z]+|call) )\w+$|(?<=\[rip \+ )\w+/gm;

/** What every listing begins with. */
const HEAD = [".intel_syntax noprefix", ".text"];

/**
 * Machine code as text that GNU `as` makes the same bytes of: a section for each program, whose labels begin with its name.
 */
export function listingOf(programs: readonly Program[]): string {
  const sections = programs.map((program) => {
    const { listing, bytes } = program.assemble(true);
    const name = program.name.replaceAll(/\W/g, "_");
    const lines = listing.split("\n").slice(HEAD.length).join("\n").replaceAll(LABEL, `${name}.$&`);
    return [`# ${program.name}: ${bytes.length} bytes`, `.section .text.${name}, "ax"`, lines].join("\n");
  });
  return [HEAD[0], ...sections].join("\n");
}
