/**
 * The import rules of src/README.md, one rule a folder: `allowed` lists what a folder may import of ours, beside itself.
 * dependency-cruiser, because it reads every import (types too), is maintained, and its rules are data.
 */
const allowed = {
  launch: [],
  core: [],
  stats: [],
  files: ["core"],
  identity: ["core"],
  pattern: ["core"],
  input: ["core", "files"],
  reference: ["core", "pattern"],
  kernels: ["core", "pattern"],
  plan: ["core", "pattern", "kernels"],
  measure: ["core", "pattern", "identity", "plan", "kernels", "reference"],
  plugins: ["core", "pattern", "identity", "kernels"],
  paired: [
    "core",
    "stats",
    "pattern",
    "input",
    "files",
    "identity",
    "kernels",
    "reference",
    "measure",
    "plugins",
  ],
  record: ["core", "stats", "files"],
  compare: ["core", "stats", "record"],
  report: ["core", "stats", "files", "record", "compare"],
  commands: [
    "core",
    "pattern",
    "input",
    "files",
    "identity",
    "plan",
    "kernels",
    "reference",
    "measure",
    "plugins",
    "paired",
    "record",
    "compare",
    "report",
    "stats",
  ],
};

const folderRules = Object.entries(allowed).map(([folder, targets]) => ({
  name: `${folder}-imports`,
  comment: `src/${folder} may import ${[folder, ...targets].join(", ")} of ours; see src/README.md`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: {
    path: folder === "commands" ? "^(src|test)/" : "^(src|variants|test)/",
    pathNot: `^src/(${[folder, ...targets].join("|")})/`,
  },
}));

module.exports = {
  forbidden: [
    ...folderRules,
    {
      name: "variants-imports",
      comment: "a variant declares mathematics: it imports core, pattern and nothing that runs",
      severity: "error",
      from: { path: "^variants/" },
      to: { path: "^(src|test)/", pathNot: "^src/(core|pattern)/" },
    },
    {
      name: "families-apart",
      comment: "kernel families never import one another",
      severity: "error",
      from: { path: "^src/kernels/(js|wasm|webgpu)/" },
      to: { path: "^src/kernels/(js|wasm|webgpu)/", pathNot: "^src/kernels/$1/" },
    },
    {
      name: "cli-imports",
      comment: "the command line wires commands and nothing else",
      severity: "error",
      from: { path: "^src/(cli|launch)\\." },
      to: { path: "^(src|variants|test)/", pathNot: "^src/(commands/|launch/|cli\\.ts$)" },
    },
    {
      name: "tinybench-in-one-file",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/measure/slot\\.ts$" },
      to: { path: "node_modules/tinybench" },
    },
    {
      name: "report-reads-types",
      comment: "a report is made where nothing was run: of record and compare it takes types",
      severity: "error",
      from: { path: "^src/report/" },
      to: { path: "^src/(record|compare)/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "no-development-dependency",
      severity: "error",
      // What builds the wasm modules runs before the package is packed.
      from: { path: "^(src|variants)/", pathNot: "^src/kernels/wasm/modules/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // AssemblyScript: another language, with imports of its own among its own files.
    exclude: { path: "^src/kernels/wasm/assembly/" },
    parser: "swc",
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
    },
  },
};
