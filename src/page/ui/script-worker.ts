/** A promise that nobody looks after would fail in silence: it fails as the worker's own error. */
const REJECTIONS = `addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  setTimeout(() => { throw event.reason; });
});`;

/** A worker of these scripts, one after another, made of their text: a page opened from disk may load no file. */
export function scriptWorker(name: string, ...scripts: readonly string[]): Worker {
  const text = [REJECTIONS, ...scripts].join("\n");
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  // Not revoked: the worker may begin to read it only later, and there are few.
  return new Worker(address, { name });
}
