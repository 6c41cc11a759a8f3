/** A worker of these scripts, one after another, made of their text: a page opened from disk may load no file. */
export function scriptWorker(name: string, ...scripts: readonly string[]): Worker {
  const address = URL.createObjectURL(new Blob([scripts.join("\n")], { type: "text/javascript" }));
  // Not revoked: the worker may begin to read it only later, and there are few.
  return new Worker(address, { name });
}
