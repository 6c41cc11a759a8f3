import { main } from "../../src/cli.ts";
import { type FakeIo, fakeIo } from "./fake-io.ts";
import { onAnyProcessor } from "./on-any-processor.ts";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process: words separated by spaces, or a list of them. It is as on any processor. */
export async function commandLine(
  words: string | readonly string[],
  io: FakeIo = fakeIo(),
): Promise<Outcome> {
  const list = typeof words === "string" ? words.split(" ").filter((word) => word !== "") : words;
  const code = await onAnyProcessor(() => main(list, io));
  return { code, stdout: io.stdout(), stderr: io.stderr() };
}
