/** The style of what a script adds to tables and rows. */
export const controlsStyle = `
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: 0.2rem 0.5rem; margin: 0.3rem 0; font-size: 0.85rem; }
.tools label, .only { display: inline-flex; align-items: center; gap: 0.3rem; min-height: 1.75rem; }
.tools output { color: var(--quiet); }
.tools button[aria-pressed="true"] { background: var(--ink); color: var(--ground); }
.tools button:disabled { color: var(--quiet); border-color: var(--line); cursor: default; }
input[type="search"] { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--quiet); border-radius: 4px;
  padding: 0.1rem 0.4rem; width: 12rem; max-width: 60vw; min-height: 1.6rem; }
.shown { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 0.2rem 0.6rem; }
.only input { width: 1rem; height: 1rem; margin: 0; }
.ranking .name { width: max-content; }
button.choose { all: unset; cursor: pointer; }
button.choose:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
tr.lit > * { background: var(--soft); }
tr.chosen > th { box-shadow: inset 3px 0 var(--focus); }
`;
