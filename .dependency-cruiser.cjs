/**
 * The import rules of src/README.md, one rule a folder: `allowed` lists what a folder may import of ours, beside itself.
 * dependency-cruiser, because it reads every import (types too), is maintained, and its rules are data.
 */
const allowed = {
  launch: [],
  core: [],
  stats: [],
  files: ["core"],
  text: ["core"],
  identity: ["core"],
  record: ["core", "stats", "files", "text"],
  pattern: ["core"],
  pairwise: ["core"],
  mechanisms: ["core", "record", "pattern", "pairwise"],
  input: ["core", "files", "text"],
  kernels: ["core", "files", "pattern", "pairwise", "mechanisms", "record", "text"],
  timing: ["core"],
  machine: ["core", "identity", "record", "kernels"],
  plan: ["core", "mechanisms", "record", "kernels"],
  verify: ["core", "mechanisms", "text", "record", "kernels", "timing", "machine"],
  run: ["core", "mechanisms", "text", "record", "kernels", "timing", "machine", "verify"],
  plugins: ["core", "mechanisms", "identity", "kernels"],
  compare: ["core", "stats", "text", "record"],
  gate: [
    "core",
    "stats",
    "files",
    "text",
    "identity",
    "record",
    "input",
    "mechanisms",
    "kernels",
    "timing",
    "machine",
    "verify",
    "run",
    "plugins",
    "compare",
  ],
  report: ["core", "stats", "files", "text", "record", "compare"],
  library: [
    "core",
    "stats",
    "files",
    "text",
    "record",
    "pattern",
    "input",
    "mechanisms",
    "kernels",
    "machine",
    "plan",
    "verify",
    "run",
    "plugins",
    "compare",
    "gate",
    "report",
  ],
  commands: [
    "core",
    "stats",
    "files",
    "text",
    "record",
    "pattern",
    "input",
    "mechanisms",
    "kernels",
    "timing",
    "machine",
    "verify",
    "run",
    "plugins",
    "compare",
    "gate",
    "report",
    "library",
  ],
};

const folderRules = Object.entries(allowed).map(([folder, targets]) => ({
  name: `${folder}-imports`,
  comment: `src/${folder} may import ${[folder, ...targets].join(", ")} of ours; see src/README.md`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: {
    path: folder === "library" ? "^(src|test)/" : "^(src|variants|test)/",
    pathNot: `^src/(${[folder, ...targets].join("|")})/`,
  },
}));

module.exports = {
  forbidden: [
    ...folderRules,
    {
      name: "variants-imports",
      comment:
        "a variant declares mathematics: it imports core, pattern, pairwise, a kind's declaration, and nothing that runs",
      severity: "error",
      from: { path: "^variants/" },
      to: { path: "^(src|test)/", pathNot: "^src/(core|pattern|pairwise|mechanisms)/" },
    },
    {
      name: "oracles-apart",
      comment:
        "of a kind a kernel sees the declaration, and neither the oracle nor anything else of the judge's",
      severity: "error",
      from: { path: "^src/kernels/" },
      to: { path: "^src/mechanisms/", pathNot: "^src/mechanisms/[^/]+/declare\\.ts$" },
    },
    {
      name: "families-apart",
      comment: "kernel families never import one another",
      severity: "error",
      from: { path: "^src/kernels/(js|wasm|native|webgpu)/" },
      to: { path: "^src/kernels/(js|wasm|native|webgpu)/", pathNot: "^src/kernels/$1/" },
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
      from: { path: "^src/", pathNot: "^src/timing/slot\\.ts$" },
      to: { path: "node_modules/tinybench" },
    },
    {
      name: "report-reads-types",
      comment:
        "a report is made where nothing was run: of record (but for its schema) and compare it takes types",
      severity: "error",
      from: { path: "^src/report/" },
      to: { path: "^src/(record/(?!schema/)|compare/)", dependencyTypesNot: ["type-only"] },
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
      // What builds the wasm modules and the page's scripts runs before the package is packed.
      from: { path: "^(src|variants)/", pathNot: "^src/(kernels/wasm/modules|report/bundle)/" },
      // Optional peers are development dependencies as well, for the tests.
      to: {
        dependencyTypes: ["npm-dev"],
        dependencyTypesNot: ["type-only"],
        pathNot: "^node_modules/(webgpu|playwright-core)/",
      },
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
