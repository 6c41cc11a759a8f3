/** The style of topics: a question, its answer, a chart, and what is folded. */
export const topicStyle = `
.topic { border-top: 1px solid var(--line); margin-top: 1.8rem; padding-top: 0.2rem; }
.topic h3 { margin: 0.9rem 0 0.1rem; font-size: 1.2rem; }
.topic > .answer { margin: 0 0 0.6rem; font-size: 1.05rem; max-width: 60rem; }
.filtered .topic > .answer:not([data-told])::after { content: " (of all variants)"; color: var(--quiet); font-size: 0.9rem; }
.filtered :is(.topic details:has(> .said) > summary, .topic details:has(tbody):not(:has(tr[data-series])) > summary)::after { content: " (of all variants)"; }
.filtered figure:not(:has(> script))::before { content: "of all variants: this picture does not follow the conditions"; color: var(--quiet); font-size: 0.9rem; }
.topic figure { margin-top: 0.6rem; }
.said { margin: 0; padding: 0 0 0 1.1rem; max-width: 60rem; }
.said li { margin: 0.3rem 0; }
:is(.topic, .learned) details, main > section > details { margin-top: 0.4rem; }
:is(.topic, .learned) details > summary, main > section > details > summary { cursor: pointer; width: fit-content; min-height: 1.75rem; line-height: 1.75rem; color: var(--quiet); }
:is(.topic, .learned) details[open] > summary { color: inherit; font-weight: 600; }
:is(.topic, .learned) details[open] { margin-bottom: 1rem; }
:is(summary):focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.topic .scroll:has(> table) { max-height: min(80vh, 44rem); overflow: auto; }
.topic thead th { position: sticky; top: 0; z-index: 1; background: var(--ground); border-bottom: 0; box-shadow: inset 0 -2px var(--quiet); }
.live { position: relative; }
.live:has(.patterns) { cursor: zoom-in; }
.patterns button { all: unset; position: absolute; pointer-events: none; }
.patterns button:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
dialog.pattern { width: min(62rem, 100vw - 1.5rem); max-width: none; max-height: calc(100vh - 1.5rem); padding: 0.9rem; color: var(--ink);
  background: var(--ground); border: 1px solid var(--quiet); border-radius: 6px; font-size: 0.9rem; }
dialog.pattern::backdrop { background: #0008; }
.pattern .head { display: flex; justify-content: space-between; align-items: start; gap: 1rem; }
.pattern h4 { margin: 0 0 0.5rem; font-size: 1.1rem; overflow-wrap: anywhere; }
.enlarged { display: grid; grid-template-columns: minmax(0, 32rem) minmax(0, 1fr); gap: 1rem 1.5rem; }
.enlarged ul { list-style: none; margin: 0.5rem 0; padding: 0; }
.enlarged p { margin: 0 0 0.5rem; }
.enlarged table { margin: 0.8rem 0; }
.enlarged :is(th, td) { text-align: left; white-space: normal; overflow-wrap: anywhere; vertical-align: top; }
@media (max-width: 46rem) { .enlarged { grid-template-columns: minmax(0, 1fr); } }
@media print {
details::details-content { content-visibility: visible; height: auto; }
.topic .scroll:has(> table) { max-height: none; overflow: visible; }
.topic thead th { position: static; }
}
`;
