/** Whether a stream is a terminal that understands escapes and whose user has not asked for plain text. */
export function redraws(
  { isTTY }: { readonly isTTY?: boolean },
  { TERM: terminal = "", NO_COLOR: plain = "" }: Readonly<Record<string, string | undefined>>,
): boolean {
  if (isTTY !== true || plain !== "") return false;
  // Windows names no terminal, and has no dumb ones.
  return terminal === "" ? process.platform === "win32" : terminal !== "dumb" && terminal !== "unknown";
}
