/** The style of what a reader sees first: the run in one line, conditions, and the ranking. */
export const firstScreenStyle = `
.trust { color: inherit; font-weight: 600; }
.trust.odd { color: var(--warn); }
.trust.bad { color: var(--bad); }
.conditions, .at { font-size: 0.85rem; margin: 0.4rem 0; padding: 0; border: 0; min-width: 0; display: flex; flex-wrap: wrap;
  align-items: center; gap: 0.1rem 1.1rem; }
.conditions legend, .at legend { position: absolute; left: -99rem; }
.choices { display: inline-flex; flex-wrap: wrap; gap: 0 0.7rem; }
.choices label, .bound, .at label { display: inline-flex; align-items: center; gap: 0.3rem; min-height: 1.75rem; cursor: pointer; }
.choices input { width: 1rem; height: 1rem; margin: 0; }
details.choices { position: relative; display: inline-block; }
details.choices summary { cursor: pointer; min-height: 1.75rem; line-height: 1.75rem; }
details.choices > div { position: absolute; z-index: 3; display: grid; min-width: max-content; max-height: 60vh; overflow-y: auto; padding: 0.3rem 0.9rem;
  background: var(--ground); border: 1px solid var(--quiet); border-radius: 4px; box-shadow: 0 2px 8px #0004; }
.count, .more { color: var(--quiet); }
.more { font-size: 0.85em; }
input[type="number"] { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--quiet); border-radius: 4px;
  padding: 0.1rem 0.3rem; width: 4.5rem; min-height: 1.6rem; }
.at input[name="n"] { width: 6rem; }
.at input[type="range"] { flex: 1 1 12rem; max-width: 40rem; }
.first figure { margin-top: 0.4rem; }
.first .about { margin: 0 0 0.3rem; max-width: none; }
.first .head { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1.2rem; margin: 0.5rem 0 0.2rem; }
.first .head > * { margin: 0; }
.ranking .scroll { width: auto; }
.ranking table { width: 100%; }
.ranking th, .ranking td { padding: 2px 0.6rem; line-height: 20px; }
.ranking .name { display: inline-block; width: max-content; max-width: 14rem; vertical-align: top; white-space: normal; overflow-wrap: break-word; }
.bar { width: 100%; height: 3px; shape-rendering: crispEdges; }
.bar rect { fill: var(--shade); }
@media (min-width: 56rem) { .choices + .choices, .choices + .bound { border-left: 1px solid var(--line); padding-left: 1.1rem; } }
@media (max-width: 34rem) {
.ranking th:first-child { position: sticky; left: 0; background: var(--ground); }
.ranking .name { max-width: 8rem; }
}
`;
