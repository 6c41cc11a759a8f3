/** Saves what the page made as a file of this name. */
export function saveFile(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // Not at once: a browser may start to read it only then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
