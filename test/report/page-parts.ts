/** The parts of a page that a browser treats unlike. */
export interface PageParts {
  /** The page without what its scripts, blocks of data and style sheets hold. */
  readonly markup: string;
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
  /** Of charts that answer to the reader. */
  readonly data: readonly unknown[];
  /** Of first screens. */
  readonly entries: readonly unknown[];
  readonly policy: string;
}

export function partsOf(page: string): PageParts {
  const inside = (open: string, close: string) =>
    page
      .split(open)
      .slice(1)
      .map((part) => part.slice(0, part.indexOf(close)));
  const blocks = inside('<script type="application/json">', "</script>").map((text) => JSON.parse(text));
  return {
    markup: page
      .replace(/<script( type="application\/json")?>[\s\S]*?<\/script>/g, "")
      .replace(/<style>[\s\S]*?<\/style>/g, ""),
    scripts: inside("<script>", "</script>"),
    styles: inside("<style>", "</style>"),
    data: blocks.filter((block) => "spec" in block),
    entries: blocks.filter((block) => !("spec" in block)),
    policy: /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "",
  };
}
