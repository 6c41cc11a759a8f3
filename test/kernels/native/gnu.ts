import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Whether GNU's assembler and its companions are installed, for x86-64. */
export const hasBinutils = works();

// Loud: what is skipped here is the only judge of encodings that is not ours.
if (!hasBinutils) process.stderr.write("SKIPPED: encodings against GNU as; install binutils\n");

function works(): boolean {
  try {
    for (const tool of ["objcopy", "objdump", "readelf"])
      execFileSync(tool, ["--version"], { stdio: "ignore" });
    return assembled(".intel_syntax noprefix\n.text\nvaddps zmm1, zmm2, zmm3\n").length === 6;
  } catch {
    return false;
  }
}

/** The bytes that GNU `as` makes of a text. */
export function assembled(text: string): Buffer {
  return withFolder((file) => {
    writeFileSync(file("code.s"), text);
    execFileSync("as", ["--64", "-o", file("code.o"), file("code.s")], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    execFileSync("objcopy", ["-O", "binary", "-j", ".text", file("code.o"), file("code.bin")]);
    return readFileSync(file("code.bin"));
  });
}

/** The instructions that GNU `objdump` finds in bytes, one a line. */
export function disassembled(bytes: Uint8Array): readonly string[] {
  return withFolder((file) => {
    writeFileSync(file("code.bin"), bytes);
    const words = [
      "-D",
      "-b",
      "binary",
      "-m",
      "i386:x86-64",
      "-M",
      "intel",
      "--no-show-raw-insn",
      file("code.bin"),
    ];
    const text = execFileSync("objdump", words, { encoding: "utf8", maxBuffer: 2 ** 28 });
    return [...text.matchAll(/^ *[0-9a-f]+:\s+(\S.*)$/gm)].map(([, instruction]) => instruction.trim());
  });
}

/** What GNU `readelf` says of a file. */
export function readElf(bytes: Uint8Array, ...words: readonly string[]): string {
  return withFolder((file) => {
    writeFileSync(file("image.so"), bytes);
    return execFileSync("readelf", [...words, file("image.so")], { encoding: "utf8" });
  });
}

function withFolder<T>(use: (file: (name: string) => string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "attnbench-gnu-"));
  try {
    return use((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
