import { printable, UsageError } from "../../core/errors.ts";
import { type Html, html } from "../../text/html.ts";
import { shortHash } from "./change-words.ts";

/** What stands for the hash in the address of a commit. */
const PLACE = "{commit}";

/** Checks the address that commits are shown at; null if there is none. */
export function checkedCommitUrl(address: string | undefined): string | null {
  if (address === undefined) return null;
  const url = URL.parse(address.replaceAll(PLACE, "0".repeat(40)));
  const fits =
    url !== null &&
    (url.protocol === "https:" || url.protocol === "http:") &&
    url.username === "" &&
    url.password === "" &&
    address.includes(PLACE) &&
    // In the host it would lead anywhere.
    URL.parse(address.replaceAll(PLACE, "1".repeat(40)))?.host === url.host &&
    /^[\x21-\x7e]+$/.test(address);
  if (fits) return address;
  throw new UsageError(
    `--commit-url: must be an address with ${PLACE} in its path, such as https://example.org/project/commit/${PLACE}, got '${printable(address, 80)}'`,
  );
}

/** A commit by the beginning of its hash, with a link if it is shown anywhere. */
export function commitLink(commit: string, address: string | null): Html {
  const text = html`<code>${shortHash(commit)}</code>`;
  if (address === null) return text;
  return html`<a href="${address.replaceAll(PLACE, commit)}" rel="noreferrer">${text}</a>`;
}
