/** What the page's style adds to that of a report. */
export const suiteStyle = `
h1 { font-size: 1.5rem; }
main > section + section, form + section { border-top: 0; margin-top: 1.2rem; padding-top: 0; }
.browser ul { margin: 0.2rem 0 0; padding-left: 1.2rem; color: var(--quiet); font-size: 0.9rem; max-width: 60rem; }
.browser .lack { color: var(--warn); }
form { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0.8rem 2rem; margin-top: 1rem; }
@media (max-width: 50rem) { form { grid-template-columns: minmax(0, 1fr); } }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
fieldset:disabled { opacity: 0.6; }
legend { font-weight: 600; font-size: 1.15rem; padding: 0; }
.picks { display: inline-flex; flex-wrap: wrap; gap: 0.3rem; }
#families { border: 1px solid var(--line); border-radius: 6px; height: 22rem; resize: vertical; overflow-y: auto; padding: 0.2rem 0.7rem 0.5rem; }
#families:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.family { margin-top: 0.3rem; }
.family > label { font-weight: 600; }
.family > div { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); padding-left: 1.4rem; }
.family label, .kernels label, .tick { display: flex; align-items: center; gap: 0.4rem; min-height: 1.75rem; font-size: 0.9rem; line-height: 1.2; cursor: pointer; }
.family input, .kernels input, .tick input { flex: none; width: 1rem; height: 1rem; margin: 0; }
.empty { color: var(--quiet); font-size: 0.9rem; margin: 0.5rem 0; }
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(14rem, 100%), 1fr)); gap: 0.5rem 1.2rem; margin: 0.4rem 0; }
.field { display: grid; gap: 0.15rem; font-size: 0.9rem; align-content: start; }
.field :is(input, select, textarea) { font: inherit; color: inherit; width: 100%; min-height: 1.9rem; background: var(--soft);
  border: 1px solid var(--quiet); border-radius: 4px; padding: 0.1rem 0.4rem; }
.field ::placeholder { color: var(--quiet); opacity: 1; }
.long, .tick { grid-column: 1 / -1; }
textarea { resize: vertical; }
.kernels { margin-top: 0.5rem; font-size: 0.9rem; }
#kernels, .kernels label { display: grid; grid-template-columns: auto auto minmax(0, 1fr); column-gap: 0.4rem; }
.kernels label { grid-column: 1 / -1; grid-template-columns: subgrid; }
.kernels label.cannot { cursor: default; color: var(--quiet); }
.further summary { cursor: pointer; min-height: 1.75rem; line-height: 1.75rem; font-size: 0.9rem; }
.acts { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 0.6rem; margin: 0; }
.acts button { min-height: 2.2rem; padding: 0.2rem 1.4rem; }
.acts button:disabled, .saves button:disabled { color: var(--quiet); border-color: var(--line); cursor: default; }
#run:enabled { background: var(--ink); color: var(--ground); border-color: var(--ink); font-weight: 600; }
#refused { grid-column: 1 / -1; margin: 0; color: var(--bad); font-weight: 600; }
progress { width: 100%; height: 0.8rem; accent-color: var(--focus); }
.now { margin: 0.1rem 0; display: flex; flex-wrap: wrap; gap: 0 0.8rem; font-variant-numeric: tabular-nums; }
#case { color: var(--quiet); flex: 1 1 12rem; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
#status { margin: 0.1rem 0; font-weight: 600; }
#remarks, #warnings { font-size: 0.9rem; margin-top: 0.4rem; }
#found { margin: 0; padding: 0.5rem 0.8rem; font-size: 0.8rem; line-height: 1.4; overflow-wrap: normal; }
.saves { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem 0.8rem; margin: 0.6rem 0 0; }
.saves .note { font-size: 0.85rem; }
#report .head { display: flex; align-items: center; gap: 0.8rem; }
#report .head h2 { margin: 0; }
#frame iframe { display: block; width: 100%; height: min(56rem, 90vh); margin-top: 0.4rem; border: 1px solid var(--line); border-radius: 6px; background: var(--ground); }
#report.large { position: fixed; inset: 0; z-index: 5; margin: 0; padding: 0.4rem 0.6rem; background: var(--ground); display: grid; grid-template-rows: auto minmax(0, 1fr); }
#report.large iframe { height: 100%; }
#report.large #frame { min-height: 0; }
@media print { form, .acts, .saves, #progress { display: none; } }
`;
