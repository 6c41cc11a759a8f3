import process from "node:process";
import { main } from "../../src/cli.ts";
import { fakeIo } from "./fake-io.ts";
import { onAnyProcessor } from "./on-any-processor.ts";

/** A process that runs one command line after the other, each as the launcher would, and says how each ended. */
process.on("message", async ({ words, cwd }: { words: readonly string[]; cwd: string }) => {
  process.chdir(cwd);
  const io = fakeIo();
  const code = await onAnyProcessor(() => main(words, io));
  process.send?.({ code, stdout: io.stdout(), stderr: io.stderr() });
});
