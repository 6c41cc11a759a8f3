/**
 * The import rules of src/README.md, one rule a folder: `allowed` lists what a folder may import of ours, beside itself.
 * dependency-cruiser, because it reads every import (types too), is maintained, and its rules are data.
 */
const allowed = {
  launch: [],
  core: [],
  stats: [],
  processes: [],
  platform: ["core"],
  files: ["core"],
  text: ["core"],
  identity: ["core", "files"],
  record: ["core", "stats", "files", "text"],
  pattern: ["core"],
  pairwise: ["core"],
  mechanisms: ["core", "record", "pattern", "pairwise"],
  input: ["core", "files", "text"],
  kernels: ["core", "platform", "files", "pattern", "pairwise", "mechanisms", "record", "text"],
  timing: ["core", "platform"],
  machine: ["core", "platform", "identity", "record", "kernels"],
  plan: ["core", "mechanisms", "record", "kernels"],
  verify: ["core", "platform", "mechanisms", "text", "record", "kernels", "timing", "machine"],
  run: ["core", "platform", "mechanisms", "text", "record", "kernels", "timing", "machine", "verify"],
  plugins: ["core", "mechanisms", "identity", "kernels"],
  tasks: ["core"],
  training: ["core", "text", "pattern", "pairwise", "mechanisms", "record", "kernels", "verify", "tasks"],
  compare: ["core", "stats", "text", "record"],
  sweep: ["core", "files", "text", "record", "processes"],
  store: ["core", "stats", "files", "text", "record"],
  history: ["core", "stats", "files", "text", "identity", "record", "compare"],
  gate: [
    "core",
    "stats",
    "processes",
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
  report: ["core", "stats", "files", "text", "record", "compare", "history"],
  library: [
    "core",
    "platform",
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
    "tasks",
    "training",
    "processes",
    "sweep",
    "store",
    "history",
  ],
  page: [
    "core",
    "platform",
    "text",
    "record",
    "input",
    "mechanisms",
    "kernels",
    "machine",
    "run",
    "plugins",
    "report",
    "library",
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
    "page",
    "tasks",
    "training",
    "sweep",
    "store",
    "history",
  ],
};

/** Who may import variants. */
const withVariants = ["library", "page"];

/**
 * What runs in a browser as well: of Node it sees `platform` alone. Within these folders Node is imported by what is of
 * Node only: other processes, machine code, and what builds wasm modules.
 */
const engine = {
  folders: [
    "core",
    "stats",
    "text",
    "pattern",
    "pairwise",
    "mechanisms",
    "kernels",
    "timing",
    "machine",
    "plan",
    "verify",
    "run",
    "record/schema",
    "page/engine",
  ],
  onlyInNode: [
    "kernels/external",
    "kernels/native",
    "kernels/wasm/modules",
    "kernels/webgpu/gpu/find-in-node.ts",
  ],
};

const folderRules = Object.entries(allowed).map(([folder, targets]) => ({
  name: `${folder}-imports`,
  comment: `src/${folder} may import ${[folder, ...targets].join(", ")} of ours; see src/README.md`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: {
    path: withVariants.includes(folder) ? "^(src|test)/" : "^(src|variants|test)/",
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
      name: "host-in-platform",
      comment: "the engine runs in a browser as well: it meets Node in src/platform, which a bundle replaces",
      severity: "error",
      from: {
        path: `^(src/(${engine.folders.join("|")})|variants)/`,
        pathNot: `^src/(${engine.onlyInNode.join("|")})(/|$)`,
      },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "one-link-to-the-host",
      comment:
        "only a platform's own files, the page's scripts and the bundler name the platform that they are of",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(platform|page)/" },
      to: { path: "^src/platform/(node|browser)/" },
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
      name: "gradients-in-one-folder",
      comment: "one folder knows the library that computes gradients; all else knows its tensors",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/training/arrays/" },
      to: { path: "node_modules/@jax-js/" },
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
      from: { path: "^(src|variants)/", pathNot: "^src/(kernels/wasm/modules|report/bundle|page/bundle)/" },
      // Optional peers are development dependencies as well, for the tests.
      to: {
        dependencyTypes: ["npm-dev"],
        dependencyTypesNot: ["type-only"],
        pathNot: "^node_modules/(webgpu|playwright-core|@jax-js)/",
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
