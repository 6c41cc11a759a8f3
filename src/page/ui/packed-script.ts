import { byId } from "./elements.ts";

/** The text of a script that `document/packed.ts` put into the page. */
export async function packedScript(id: string): Promise<string> {
  const packed = atob(byId(id, HTMLScriptElement).textContent);
  const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(unpacked).text();
}
