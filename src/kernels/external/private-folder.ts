import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { isRunning } from "../../files/process-of.ts";
import { atExit } from "./at-exit.ts";

/** Where files lie in memory, on Linux. */
const IN_MEMORY = "/dev/shm";
/** Of a place's free bytes, no more than this share is taken. */
const MOST_SHARE = 0.8;

const NAME = /^attnbench-(\d{1,10})-/;

/**
 * Folders that nobody else can look into, for what two processes share: in memory where there is room, and among the
 * system's temporary files otherwise. They are gone when this process ends; those of processes that were killed are
 * removed when the next one makes its own.
 */
export class PrivateFolders {
  readonly #places: readonly string[];
  readonly #made = new Map<string, string>();
  #forget: (() => void) | null = null;

  constructor(places: readonly string[] = [IN_MEMORY, tmpdir()]) {
    this.#places = places.filter((place, at) => at === places.length - 1 || existsSync(place));
  }

  /** A path for a file of so many bytes. Throws what the system throws if no folder can be made. */
  pathFor(name: string, bytes: number): string {
    const fitting = this.#places.find((place) => bytes <= MOST_SHARE * freeBytes(place));
    const place = fitting ?? this.#places[this.#places.length - 1];
    return join(this.#folderIn(place), name);
  }

  remove(): void {
    this.#forget?.();
    this.#forget = null;
    for (const folder of this.#made.values()) rmSync(folder, { recursive: true, force: true });
    this.#made.clear();
  }

  #folderIn(place: string): string {
    const known = this.#made.get(place);
    if (known !== undefined) return known;
    sweep(place);
    const folder = mkdtempSync(join(place, `attnbench-${process.pid}-`));
    this.#forget ??= atExit(() => this.remove());
    this.#made.set(place, folder);
    return folder;
  }
}

function freeBytes(place: string): number {
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize;
}

/** Removes this user's folders whose processes are gone. */
function sweep(place: string): void {
  const user = process.getuid?.();
  for (const name of readdirSync(place)) {
    const [, owner] = NAME.exec(name) ?? [];
    if (owner === undefined || isRunning(Number(owner))) continue;
    const folder = join(place, name);
    const found = lstatSync(folder, { throwIfNoEntry: false });
    if (found?.isDirectory() !== true || (user !== undefined && found.uid !== user)) continue;
    rmSync(folder, { recursive: true, force: true });
  }
}
