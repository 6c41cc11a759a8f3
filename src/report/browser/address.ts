import type { FileChoice } from "./file-choice.ts";
import { ALL, askedFiles, fileKeys, filesFragment } from "./files-fragment.ts";
import { fragmentOf, viewOf } from "./fragment.ts";
import type { LiveFile } from "./results-file.ts";

/** Milliseconds without a change after which the address follows: browsers allow few changes a second. */
const PAUSE_MS = 300;

/** What the page shows that its address tells. */
export interface Told {
  /** Every results file, in the order of the page. */
  readonly files: readonly { readonly id: string; readonly name: string }[];
  /** Those that answer. */
  readonly live: readonly LiveFile[];
  /** Null if there is one file. */
  readonly choice: FileChoice | null;
}

/**
 * The address follows what the reader asks of files, and which of them is shown; and these follow an address that asks for
 * something. An address that names a place of the page is left alone until the reader asks for something else.
 */
export function followAddress({ files, live, choice }: Told): void {
  const keys = fileKeys(files);
  const keyOf = (id: string) => keys[files.findIndex((file) => file.id === id)] ?? ALL;
  const shownKey = () => (choice === null || choice.shown === files[0].id ? null : keyOf(choice.shown));
  const written = () =>
    filesFragment({
      shown: shownKey(),
      views: new Map(
        live.map(({ id, file, start, store }) => {
          // The first file needs no name while it is shown, or is the only one.
          const isFirst = id === files[0].id && shownKey() === null;
          return [isFirst ? null : keyOf(id), fragmentOf(store.view, start, file)];
        }),
      ),
    });
  let told = written();
  const follow = () => {
    const fragment = location.hash.slice(1);
    if (!fragment.includes("=")) return;
    const { shown, views } = askedFiles(fragment);
    const isAsked = ({ id }: { readonly id: string }, key: string | null) =>
      key === id || key === keyOf(id) || (key === null && id === files[0].id);
    const file = files.find((one) => isAsked(one, shown));
    if (file !== undefined) choice?.show(file.id);
    else if (shown === ALL) choice?.show("");
    for (const one of live) {
      const [, view = ""] = [...views].find(([key]) => isAsked(one, key)) ?? [];
      one.store.change(viewOf(view, one.start, one.file));
    }
  };
  follow();
  addEventListener("hashchange", follow);
  let pause: ReturnType<typeof setTimeout> | undefined;
  const later = () => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      const now = written();
      if (now === told) return;
      told = now;
      history.replaceState(null, "", now === "" ? `${location.pathname}${location.search}` : `#${now}`);
    }, PAUSE_MS);
  };
  choice?.add(later);
  for (const { store } of live) store.add({ follow: later });
}
