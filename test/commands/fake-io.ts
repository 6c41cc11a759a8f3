import { Writable } from "node:stream";
import type { Io } from "../../src/commands/io.ts";

/** The world of a command as a test gives it: what it prints is kept, and it can be interrupted. */
export interface FakeIo extends Io {
  stdout(): string;
  stderr(): string;
  interrupt(): void;
}

/** `onNote` sees what is written to stderr as it is written, such as to interrupt there. */
export function fakeIo(onNote: (text: string) => void = () => {}): FakeIo {
  const controller = new AbortController();
  let stdout = "";
  let stderr = "";
  return {
    out: sink((text) => {
      stdout += text;
    }),
    err: sink((text) => {
      stderr += text;
      onNote(text);
    }),
    columns: 100,
    signal: controller.signal,
    now: () => performance.now() / 1000,
    today: () => new Date(),
    stdout: () => stdout,
    stderr: () => stderr,
    interrupt: () => controller.abort(),
  };
}

function sink(take: (text: string) => void): Writable {
  return new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      take(text);
      done();
    },
  });
}
