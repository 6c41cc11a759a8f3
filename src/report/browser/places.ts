/**
 * Links to a place of the page lead there and open what it is folded in. An address that says what the reader asked for
 * stays: a browser would put the place's in its stead.
 */
export function followPlaces(): void {
  document.addEventListener("click", (event) => {
    const link =
      event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href^="#"]') : null;
    const place = link === null ? null : document.getElementById(link.hash.slice(1));
    if (place === null) return;
    unfold(place);
    if (!location.hash.includes("=")) return;
    event.preventDefault();
    place.scrollIntoView();
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
  });
}

/** Leads to the place of the page that the address names, if it does: what a script adds has moved it since. */
export function toPlace(): void {
  const place = document.getElementById(location.hash.slice(1));
  if (place === null) return;
  unfold(place);
  place.scrollIntoView();
}

function unfold(place: Element): void {
  for (let folded = place.closest("details"); folded !== null; ) {
    folded.open = true;
    folded = folded.parentElement?.closest("details") ?? null;
  }
}
