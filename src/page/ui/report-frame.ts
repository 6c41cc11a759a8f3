import { made } from "./elements.ts";

/** Where the report is seen: a frame, which holds what a results file said apart from the page. */
export interface ReportFrame {
  /** Shows a page without scripts; where the reader is in the one before, and what is open in it, stay. */
  showStill(page: string): void;
  /** Shows a page with its scripts, which reach nothing but the page itself. */
  showLive(page: string): void;
}

export function reportFrame(place: HTMLElement): ReportFrame {
  let still: HTMLIFrameElement | null = null;
  return {
    showStill(page) {
      const before = still?.contentDocument ?? null;
      if (before !== null && before.querySelector("main") !== null) {
        replaceContent(before, page);
        return;
      }
      // No script runs in it, so that the page may reach into it.
      const frame = emptyFrame("allow-same-origin");
      frame.addEventListener("load", () => followLinks(frame));
      frame.srcdoc = page;
      place.replaceChildren(frame);
      still = frame;
    },
    showLive(page) {
      still = null;
      const frame = emptyFrame("allow-scripts allow-downloads");
      // An address of its own, into which its script writes what the reader asks for.
      const address = URL.createObjectURL(new Blob([page], { type: "text/html" }));
      frame.addEventListener("load", () => URL.revokeObjectURL(address), { once: true });
      frame.src = address;
      place.replaceChildren(frame);
    },
  };
}

function emptyFrame(allowed: string): HTMLIFrameElement {
  const frame = made("iframe", "", { title: "report" });
  frame.setAttribute("sandbox", allowed);
  return frame;
}

/** Links of a frame without an address of its own would lead to places of the page around it. */
function followLinks({ contentDocument: inside }: HTMLIFrameElement): void {
  inside?.addEventListener("click", (event) => {
    // Of the frame's own realm: no class of ours is its class.
    const link = (event.target as Element | null)?.closest('a[href^="#"]') ?? null;
    if (link === null) return;
    event.preventDefault();
    const place = inside.getElementById(link.getAttribute("href")?.slice(1) ?? "");
    for (let fold = place?.closest("details") ?? null; fold !== null; ) {
      fold.open = true;
      fold = fold.parentElement?.closest("details") ?? null;
    }
    place?.scrollIntoView();
  });
}

function replaceContent(document: Document, page: string): void {
  const { body } = new DOMParser().parseFromString(page, "text/html");
  const open = new Set(
    foldsIn(document.body)
      .filter(({ open }) => open)
      .map(nameOf),
  );
  const root = document.scrollingElement;
  const top = root?.scrollTop ?? 0;
  document.body.replaceChildren(...body.childNodes);
  for (const fold of foldsIn(document.body)) if (open.has(nameOf(fold))) fold.open = true;
  if (root !== null) root.scrollTop = top;
}

function foldsIn(body: HTMLElement): readonly HTMLDetailsElement[] {
  return [...body.querySelectorAll("details")];
}

/** What tells a fold from others: the heading above it, and its own. */
function nameOf(fold: HTMLDetailsElement): string {
  const section = fold.closest("section, figure")?.id ?? "";
  return `${section} ${fold.querySelector("summary")?.textContent ?? ""}`;
}
