/** The style of what a reader sees first: the run in one line, conditions, and the ranking. */
export const firstScreenStyle = `
.trust { color: inherit; font-weight: 600; }
.trust.odd { color: var(--warn); }
.trust.bad { color: var(--bad); }
.conditions, .at { font-size: 0.85rem; margin: 0.3rem 0; padding: 0; border: 0; min-width: 0; display: flex; flex-wrap: wrap;
  align-items: center; gap: 0.1rem 0.9rem; }
.conditions legend, .at legend { position: absolute; left: -99rem; }
:is(.conditions, .at) label { display: inline-flex; align-items: center; gap: 0.3rem; min-height: 1.75rem; cursor: pointer; }
.conditions input[type="checkbox"] { width: 1rem; height: 1rem; margin: 0; }
.choices { position: relative; }
.choices summary { cursor: pointer; min-height: 1.75rem; line-height: 1.75rem; }
.choices:has(:checked) > summary { font-weight: 600; }
.choices > div { position: absolute; z-index: 3; min-width: max-content; max-height: 60vh; overflow-y: auto; padding: 0.3rem 0.9rem;
  background: var(--ground); border: 1px solid var(--quiet); border-radius: 4px; box-shadow: 0 2px 8px #0004; }
.choices [role="group"] { display: grid; }
.choices [role="group"] + [role="group"] { border-top: 1px solid var(--line); margin-top: 0.2rem; padding-top: 0.2rem; }
.count, .more { color: var(--quiet); }
.more { font-size: 0.85em; }
input[type="number"] { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--quiet); border-radius: 4px;
  padding: 0.1rem 0.3rem; width: 4rem; min-height: 1.6rem; }
.at { flex: 1 1 18rem; flex-wrap: nowrap; }
.at label { white-space: nowrap; }
.at input[name="n"] { width: 6rem; }
.at input[type="range"] { flex: 1 1 8rem; min-width: 0; }
.first figure { margin-top: 0.3rem; }
.first figcaption { max-width: none; }
main > section > .about { margin: 0 0 0.2rem; max-width: none; }
@media screen and (min-width: 800px) and (min-height: 560px) {
.conditions { position: sticky; top: var(--above, 0px); z-index: 2; background: var(--ground); border-bottom: 1px solid var(--line);
  box-shadow: -50vw 0 var(--ground), 50vw 0 var(--ground); }
:root { --stuck: calc(var(--above, 0px) + var(--bar, 0px)); }
}
.first .head { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1.2rem; margin: 0.4rem 0 0; }
.first .head > * { margin: 0; }
.first .answer { flex: 1 0 100%; }
.learned > .answer { margin: 0.4rem 0 0; font-size: 1.05rem; max-width: 60rem; }
.learned h3 { margin: 1rem 0 0.4rem; }
.ranking .scroll { width: auto; }
.ranking table { width: 100%; }
.ranking th, .ranking td { padding: 2px 0.6rem; line-height: 20px; }
.ranking .name { display: inline-block; width: max-content; max-width: 14rem; vertical-align: top; white-space: normal; overflow-wrap: break-word; }
.bar { width: 100%; height: 3px; shape-rendering: crispEdges; }
.bar rect { fill: var(--shade); }
@media (max-width: 34rem) {
.choices > div { position: static; }
.ranking th:first-child { position: sticky; left: 0; background: var(--ground); }
.ranking .name { max-width: 8rem; }
}
`;
