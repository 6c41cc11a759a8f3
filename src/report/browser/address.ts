import { FILE, fragmentOf, partsOf, viewOf } from "./fragment.ts";
import type { LiveFile } from "./results-file.ts";

/** Milliseconds without a change after which the address follows: browsers allow few changes a second. */
const PAUSE_MS = 300;

/**
 * The address follows what the reader asks of a file, and a view follows an address that asks for one. An address that
 * names a place of the page is left alone until the reader asks for something else.
 */
export function followAddress(files: readonly LiveFile[]): void {
  const follow = () => {
    const fragment = location.hash.slice(1);
    if (!fragment.includes("=")) return;
    const id = new Map(partsOf(fragment)).get(FILE)?.[0];
    const asked = files.find((one) => one.id === id) ?? files[0];
    asked?.store.change(viewOf(fragment, asked.start, asked.file));
  };
  if (files.length === 0) return;
  follow();
  addEventListener("hashchange", follow);
  for (const one of files) {
    let pause: ReturnType<typeof setTimeout> | undefined;
    let told = fragmentOf(one.store.view, one.start);
    one.store.add({
      follow() {
        clearTimeout(pause);
        pause = setTimeout(() => {
          const now = fragmentOf(one.store.view, one.start);
          if (now === told) return;
          told = now;
          const file = files.length > 1 && now !== "" ? `${FILE}=${one.id}&` : "";
          history.replaceState(
            null,
            "",
            now === "" ? `${location.pathname}${location.search}` : `#${file}${now}`,
          );
        }, PAUSE_MS);
      },
    });
  }
}
