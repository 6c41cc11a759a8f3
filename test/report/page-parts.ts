/** The parts of a page that a browser treats unlike. */
export interface PageParts {
  /** The page without what its scripts, blocks of data and style sheets hold. */
  readonly markup: string;
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
  readonly data: readonly unknown[];
  readonly policy: string;
}

export function partsOf(page: string): PageParts {
  const inside = (open: string, close: string) =>
    page
      .split(open)
      .slice(1)
      .map((part) => part.slice(0, part.indexOf(close)));
  return {
    markup: page
      .replace(/<script( type="application\/json")?>[\s\S]*?<\/script>/g, "")
      .replace(/<style>[\s\S]*?<\/style>/g, ""),
    scripts: inside("<script>", "</script>"),
    styles: inside("<style>", "</style>"),
    data: inside('<script type="application/json">', "</script>").map((text) => JSON.parse(text)),
    policy: /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "",
  };
}
