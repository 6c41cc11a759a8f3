import { appendFileSync } from "node:fs";
import process from "node:process";
import { takeLock } from "../../src/files/lock-file.ts";

// Takes the lock so many times, writes that it came and left, and now and then dies within.
const [path, log, times, deadly] = process.argv.slice(2);
for (let left = Number(times); left > 0; ) {
  const taken = takeLock(path);
  if (!("lock" in taken)) continue;
  appendFileSync(log, `in ${process.pid}\n`);
  if (deadly === "deadly" && left === 1) process.kill(process.pid, "SIGKILL");
  for (const until = performance.now() + 2; performance.now() < until; );
  appendFileSync(log, `out ${process.pid}\n`);
  taken.lock.release();
  left--;
}
