import { Html, html } from "../../text/html.ts";
import { contentPolicy, inlineScript, inlineStyle } from "./policy.ts";

/** The parts of a page. */
interface PageParts {
  readonly title: string;
  readonly style: string;
  /** What a reader can skip to. */
  readonly content: Html;
  /** Beside the title. */
  readonly contents?: Html | "";
  /** Between the title and the content. */
  readonly before?: Html | "";
  /** In the order in which they run; none if omitted. */
  readonly scripts?: readonly string[];
}

/** One HTML page that needs nothing else: its policy allows its own style and scripts, and no request. */
export function pageDocument({ title, contents = "", before = "", content, ...own }: PageParts): string {
  const style = inlineStyle(own.style);
  const scripts = (own.scripts ?? []).map(inlineScript);
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(contentPolicy(scripts, [style]))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${style.element}
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header><h1>${title}</h1>${contents}</header>
${before}<main id="content" tabindex="-1">
${content}
</main>
${scripts.map(({ element }) => html`${element}\n`)}</body>
</html>
`.text;
}
