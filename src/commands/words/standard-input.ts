/** Options whose file may be standard input, or is refused by name if it must not be. */
const READING = new Set(["--config", "--replay", "--resume", "--from", "--calibration"]);
/** Commands whose arguments are files that are read. */
const READERS = new Set(["report", "compare", "export"]);

/**
 * The words with `-`, where it names a file to be read, spelled out: the parser takes it for an option
 * without a name.
 */
export function spelledOut(words: readonly string[]): readonly string[] {
  const command = words.find((word) => !word.startsWith("-")) ?? "";
  return words.map((word, index) => {
    const [, option, value] = /^(--[\w-]+)=(-)$/.exec(word) ?? [];
    if (value !== undefined && READING.has(option)) return `${option}=/dev/stdin`;
    const before = words[index - 1] ?? "";
    return word === "-" && (READING.has(before) || READERS.has(command)) ? "/dev/stdin" : word;
  });
}
