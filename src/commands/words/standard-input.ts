/** Options whose file may be standard input, or is refused by name if it must not be. */
const READING = new Set(["--config", "--replay", "--resume", "--from", "--calibration"]);
/** Commands whose arguments are files that are read. */
const READERS = new Set(["report", "compare", "export"]);

/** Options in front of a sweep's plan that take a value. */
const SWEEP_VALUES = new Set(["--out", "--engine", "--machine"]);

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
    const isRead =
      READING.has(before) ||
      READERS.has(command) ||
      (command === "sweep" && onlyArgument(words, index) && !SWEEP_VALUES.has(before));
    return word === "-" && isRead ? "/dev/stdin" : word;
  });
}

/** Whether `-` stands where a sweep's plan does, and not a folder after `status` or the like. */
function onlyArgument(words: readonly string[], index: number): boolean {
  const [, ...before] = words.slice(0, index).filter((word, at) => {
    return !word.startsWith("-") && !SWEEP_VALUES.has(words[at - 1] ?? "");
  });
  return before.length === 0;
}
