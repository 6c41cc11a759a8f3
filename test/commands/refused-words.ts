/** Command lines that must be refused: words, exit code, what the line says. */
export type RefusedWords = readonly [words: string | readonly string[], code: 1 | 2, says: RegExp];

const plan = "run --dry-run --variants local --lengths 8";

/** A value that no option of this kind takes, each with `=` so that a dash in front is no option. */
function values(option: string, texts: readonly string[], says: RegExp): RefusedWords[] {
  return texts.map((text) => [["run", "--dry-run", "--variants", "local", `${option}=${text}`], 2, says]);
}

export const refusedWords: readonly RefusedWords[] = [
  // Commands and their arguments
  [
    "nope",
    2,
    /unknown command 'nope'; expected one of run, check, apply, doctor, peers, list, show, report, export, page, compare, gate, bisect, calibrate, train, sweep, history, completion$/,
  ],
  ["RUN", 2, /unknown command 'RUN'/],
  ["__proto__", 2, /unknown command '__proto__'/],
  ["toString", 2, /unknown command 'toString'/],
  ["--", 2, /--: has no meaning here/],
  ["-", 2, /a command must be named, one of run, check/],
  ["--nope", 2, /a command must be named/],
  ["--version=3", 2, /--version: is on or off/],
  ["run extra", 2, /run: takes no argument 'extra'; see attnbench run --help/],
  ["run run", 2, /run: takes no argument 'run'/],
  ["run -- --lengths 8", 2, /--: has no meaning here/],
  ["list extra", 2, /list: takes no argument 'extra'/],
  ["doctor extra", 2, /doctor: takes no argument 'extra'; see attnbench doctor --help/],
  ["completion extra", 2, /completion: takes no argument 'extra'/],
  ["show", 2, /show: a variant must be named; see/],
  ["apply", 2, /apply: a variant must be named; see/],
  ["report", 2, /report: a results file must be named; see/],
  ["compare", 2, /compare: two results files or more must be named; see/],
  ["apply full", 2, /apply: must be given --input, --output/],
  ["apply full --input gaussian", 2, /apply: must be given --output/],

  // Options
  ["run --nope", 2, /unknown option of run '--nope'; expected one of --variants, --lengths, --batch/],
  ["run --lenghts=5", 2, /unknown option of run '--lenghts'; expected/],
  ["run -x", 2, /unknown option of run '-x'/],
  [
    "apply full --input - --output x.safetensors",
    2,
    /apply: --input must not be -; inputs are read only from files/,
  ],
  ["run --input -", 2, /run: --input must not be -; inputs/],
  ["run --rounds 2 -o x", 2, /unknown option of run '-o'; expected/],
  ["run --threads=2 -threads", 2, /unknown option of run '-threads'/],
  ["run --lengths 64 --len=3", 2, /unknown option of run '--len'/],
  ["run o --out a.jsonl -o", 2, /unknown option of run '-o'/],
  ["doctor -5", 2, /doctor: takes no argument '-5'/],
  ["run --no-causal", 2, /unknown option of run '--no-causal'/],
  ["run --set.a=1", 2, /unknown option of run '--set.a'/],
  [
    "list --nope",
    2,
    /unknown option of list '--nope'; expected one of --family, --kernel, --table, --lengths/,
  ],
  ["show local --json", 2, /unknown option of show '--json'; expected one of --length/],
  ["check local --causal", 2, /unknown option of check '--causal'/],
  [`${plan} --causal=banana`, 2, /--causal: is on or off and takes no value, got 'banana'/],
  [`${plan} --causal=`, 2, /--causal: is on or off/],
  [`${plan} --causal banana`, 2, /takes no argument 'banana'/],
  [`${plan} --json=1`, 2, /--json: is on or off/],
  ["run --dry-run=yes", 2, /--dry-run: is on or off/],
  ["run --debug=banana", 2, /--debug: is on or off/],
  ["run --lengths 8 --lengths 16", 2, /--lengths: must be given once, got 2 values/],
  ["run --variants", 2, /--variants: must have one value$/],
  ["run --lengths --causal", 2, /--lengths: must have one value$/],
  ["run --set", 2, /--set: must have one value$/],
  ["run --plugin", 2, /--plugin: must have one value$/],
  ["run --out", 2, /--out: must have one value/],
  ["run --resume", 2, /--resume: must have one value/],
  ["run --config", 2, /--config: must have one value/],
  ["show local --length", 2, /--length: must have one value/],

  ["compare a b --nope", 2, /unknown option of compare '--nope'; expected one of --threshold, --fail-on/],
  ["compare a b --across-machines=yes", 2, /--across-machines: is on or off and takes no value/],
  ["compare a b --report=x", 2, /a: no such file or folder/],
  ["run --report=x", 2, /--report: is on or off and takes no value/],
  ["compare a b --cells", 2, /--cells: must have one value$/],
  ["compare a b --fail-on", 2, /--fail-on: must have one value$/],
  ["compare a b --threshold 3% --threshold 4%", 2, /--threshold: must be given once, got 2 values/],

  // gate and calibrate
  ["gate", 2, /gate: --base must name a checkout or a plug-in's module; to judge a file, give --from$/],
  ["gate --base .", 2, /gate: --head must name a checkout or a plug-in's module; to judge a file/],
  ["gate base head", 2, /gate: takes no argument 'base'; see attnbench gate --help/],
  [
    "gate --nope",
    2,
    /unknown option of gate '--nope'; expected one of --base, --head, --variants, --lengths/,
  ],
  ["gate --rounds 5", 2, /unknown option of gate '--rounds'/],
  ["gate --plugin x", 2, /unknown option of gate '--plugin'/],
  ["calibrate --head .", 2, /unknown option of calibrate '--head'; expected one of --base, --variants/],
  ["calibrate extra", 2, /calibrate: takes no argument 'extra'; see attnbench calibrate --help/],
  ...[
    "base",
    "head",
    "cells",
    "blocks",
    "cell-time",
    "budget",
    "out",
    "resume",
    "from",
    "calibration",
  ].flatMap((name): RefusedWords[] => [[`gate --${name}`, 2, new RegExp(`--${name}: must have one value$`)]]),
  ...["base", "runs", "inject", "blocks", "cell-time", "budget", "out", "resume", "from"].flatMap(
    (name): RefusedWords[] => [
      [`calibrate --${name}`, 2, new RegExp(`--${name}: must have one value$`)],
      [`calibrate --${name} 1 --${name} 2`, 2, new RegExp(`--${name}: must be given once, got 2 values`)],
    ],
  ),
  ["gate --base . --head . --accept-missing=yes", 2, /--accept-missing: is on or off and takes no value/],
  ["gate --base . --head . --annotate --json", 2, /--annotate: is printed with the table/],
  ["gate --base . --head . --format md", 2, /--format: needs a folder to write to/],
  ["gate --base . --head . --report r --format pdf", 2, /unknown format of a comparison 'pdf'/],
  ["gate --base . --head . --accept-work=speed", 2, /unknown quantity of work 'speed'/],
  ["gate --base gone --head . --out x.jsonl", 2, /--base gone: there is no such folder or file/],
  ["gate --base . --head . --out x.jsonl", 2, /--base \.: must be a checkout of attnbench or a plug-in/],
  ["gate --base /dev/null --head . --out x.jsonl", 2, /--base \/dev\/null: must be a folder or a module/],
  [
    "gate --base . --head . --out x",
    2,
    /--out: must be a file ending in .jsonl, got 'x'; name one such as gate.jsonl/,
  ],
  ["gate --from gone.jsonl", 2, /gone.jsonl: no such file or folder/],
  ["gate --from /dev/null", 2, /\/dev\/null: must be a regular file, got a pipe or device/],
  ["gate --from gone.jsonl --base .", 2, /--base: cannot be changed when --from names a file/],
  ["gate --base . --head . --resume gone.jsonl", 2, /gone.jsonl: no such file or folder/],
  [
    "gate --base . --head . --resume gone.jsonl --out x.jsonl",
    2,
    /--out: cannot be changed when --resume names/,
  ],
  ...["1", "0", "257", "two", "2.5", "NaN"].flatMap((text): RefusedWords[] => [
    [
      `gate --base . --head . --out x.jsonl --blocks ${text}`,
      2,
      /--blocks: must be an integer from 2 to 256, got/,
    ],
    [`calibrate --out x.jsonl --blocks ${text}`, 2, /--blocks: must be an integer from 2 to 256, got/],
  ]),
  ...["0", "-1s", "1y", "soon", "NaN"].flatMap((text): RefusedWords[] => [
    [
      ["gate", "--base=.", "--head=.", "--out=x.jsonl", `--budget=${text}`],
      2,
      /--budget: must be a time of more than 0/,
    ],
    [
      ["gate", "--base=.", "--head=.", "--out=x.jsonl", `--cell-time=${text}`],
      2,
      /--cell-time: must be a time of more/,
    ],
    [["calibrate", "--out=x.jsonl", `--budget=${text}`], 2, /--budget: must be a time of more than 0/],
  ]),
  ...["0", "10001", "1.5", "many"].map(
    (text): RefusedWords => [
      `calibrate --out x.jsonl --runs ${text}`,
      2,
      /--runs: must be an integer from 1 to 10000/,
    ],
  ),
  ...["0", "0%", "100", "-5", "5e0", "NaN", "five", "5 percent", "0.0001"].map(
    (text): RefusedWords => [
      ["calibrate", "--out=x.jsonl", `--inject=${text}`],
      2,
      /--inject: must be a percentage above 0 and below 100 such as 5, got '/,
    ],
  ),
  [
    "calibrate --out x.txt",
    2,
    /--out: must be a file ending in .jsonl, got 'x.txt'; name one such as calibration.jsonl/,
  ],
  ["calibrate --base gone --out x.jsonl", 2, /--base gone: there is no such folder or file/],
  ["calibrate --from gone.jsonl", 2, /gone.jsonl: no such file or folder/],
  ["calibrate --from gone.jsonl --runs 3", 2, /--runs: cannot be changed when --from names a file/],

  // Shapes
  ...values(
    "--lengths",
    ["0", "1e9", "NaN", "-5", "1.5", "0x10", "99999999999", "1g", "k", "Infinity", " ", ",", "1,,2", "1k 2k"],
    /--lengths: a length must be a whole number from 1 to 1073741824, got '.*'; write a list/,
  ),
  ...values(
    "--lengths",
    ["1k..", "..1k", "..", "1...5", "0..4", "4294967296"],
    /--lengths: a length must be/,
  ),
  ...values("--lengths", ["1..2..3"], /--lengths: a range has two ends, got '1..2..3'/),
  ...values("--lengths", ["4096..256"], /--lengths: a range must not run backwards, got '4096..256'/),
  ...values(
    "--lengths",
    ["1..1000000000"],
    /shape: .* at most 1073741824 elements, got \[1, 1, 33554432, 64\]/,
  ),
  ...values(
    "--lengths",
    [Array.from({ length: 101 }, (_, index) => index + 1).join()],
    /--lengths: must be at most 100 lengths, got 101/,
  ),
  ...["--heads", "--batch", "--head-dim"].flatMap((option) =>
    values(
      option,
      ["0", "-1", "1.5", "1e3", "abc", "NaN", "2000000", "99999999999999999999"],
      /must be an integer from 1 to 1048576, got '/,
    ),
  ),
  ...values("--heads", ["1048576"], /shape: batch × heads × length × head dimension must be at most/),
  ...values("--threads", ["0", "257", "two"], /--threads: must be an integer from 1 to 256, got/),
  ...["0", "257", "1.5", "all"].map(
    (text): RefusedWords => [
      ["doctor", `--threads=${text}`],
      2,
      /--threads: must be an integer from 1 to 256, got/,
    ],
  ),
  ...values("--rounds", ["0", "10001", "-3"], /--rounds: must be an integer from 1 to 10000, got/),
  ...values("--seed", ["-1", "4294967296", "0.5"], /--seed: must be an integer from 0 to 4294967295, got/),
  ...["--budget", "--deadline"].flatMap((option) =>
    values(
      option,
      ["0", "-1", "1y", "NaN", "1e9", "8d", "s", "Infinity", "0.0ms"],
      /must be a time of more than 0/,
    ),
  ),

  // Variants, kernels and parameters
  ...["nope", "local,", ",", "LOCAL", "local;full", "all", "__proto__"].map(
    (name): RefusedWords => [
      ["run", `--variants=${name}`],
      2,
      /unknown variant '.*'; expected one of .* and \d+ more$/,
    ],
  ),
  ["check nope", 2, /unknown variant 'nope'/],
  [["check", ""], 2, /--variants: must have one value/],
  ["show local,full", 2, /unknown variant 'local,full'/],
  ["apply local,full --input gaussian --length 8 --output o.safetensors", 2, /unknown variant 'local,full'/],
  ...values("--kernel", [",", "js,"], /--kernel: must name something, got an empty entry/),
  ...values(
    "--kernel",
    ["nope", "js,nope", "JS"],
    /unknown kernel '.*'; expected one of auto, native, wasm, js/,
  ),
  ...values("--kernel", ["auto,js", "js,auto"], /--kernel: auto must stand alone/),
  ...values(
    "--kernel",
    ["js-recurrent"],
    /a case must be supported by its kernel, got none; only feature maps/,
  ),
  ...values(
    "--simd",
    ["nope", "WIDE", "wide,plain", "256", "__proto__", "toString"],
    /unknown build for --simd '.*'; expected one of auto, plain, relaxed, wide$/,
  ),
  ...["check", "list", "doctor", "apply full --input gaussian --length 8 --output o.safetensors"].map(
    (command): RefusedWords => [
      `${command} --simd=nope`,
      2,
      /unknown build for --simd 'nope'; expected one of/,
    ],
  ),
  ["run --simd", 2, /--simd: must have one value$/],
  ["run --simd wide --simd plain", 2, /--simd: must be given once, got 2 values/],
  ["show local --simd wide", 2, /unknown option of show '--simd'/],
  [
    "check local --kernel js-recurrent",
    2,
    /a chosen kernel must support a chosen variant; local by js-recurrent: only feature maps have a recurrent form/,
  ],
  ["run --variants linear --kernel js-recurrent --dry-run", 2, /the recurrent form is causal; add --causal/],
  ...values(
    "--set",
    ["window=-1"],
    /local.window must be an integer of at least 0 \(keys on each side\), got -1/,
  ),
  ...values("--set", ["window=1.5", "window=1e99", "window=none"], /local.window must be an integer/),
  ...values(
    "--curve",
    ["local.window=1.5,2.5", "local.window=-1,2"],
    /--curve local.window=\S+: local.window must be an integer/,
  ),
  ...values("--curve", ["local.window=4..1"], /--curve local.window=4..1: a range must not run backwards/),
  ...values("--curve", ["nope.window=1..4"], /unknown variant 'nope'/),
  ...values("--curve", ["", "local.window", "local.window="], /--curve: must /),
  ...values(
    "--set",
    ["window=NaN", "window=0x10", "window=1=2", "left=5,right=3"],
    /must be a number or none, got/,
  ),
  ...values(
    "--set",
    ["window", "=5", "local.window", "local..window=3"],
    /must be variant.parameter=value, got/,
  ),
  ...values("--set", ["nope=3", "local.__proto__=1", "local.toString=1"], /unknown parameter of local/),
  ...values("--set", ["nope.window=3", "__proto__.x=1"], /unknown variant/),
  ...values("--set", ["stride.stride=3"], /stride is not among the chosen variants/),
  [
    "run --set window=5",
    2,
    /must name its variant .* write local.window=5 or longformer.window=5 or bigbird/,
  ],
  ["run --set nope=5", 2, /none of them has a parameter nope/],
  [`${plan} --set window=5 --set truncated.window=6`, 2, /local.window is set twice/],
  [
    "run --variants longformer --set window=0 --set stride=0 --set tokens=0",
    2,
    /union: at least one part is needed/,
  ],
  ["run --variants stride --set stride=0", 2, /stride.stride must be an integer of at least 1/],
  ["run --variants bigbird --set block=0", 2, /bigbird.block must be/],
  ["run --variants linear --set eps=-1", 2, /linear.eps must be a number of at least 0/],

  // What is read
  [`${plan} --input nope`, 2, /unknown input 'nope'; expected one of gaussian, peaked, local, text:FILE/],
  [`${plan} --input missing.safetensors`, 2, /missing.safetensors: no such file or folder/],
  [`${plan} --input text:missing`, 2, /missing: no such file or folder/],
  [`${plan} --config missing.json`, 2, /missing.json: no such file or folder/],
  [`${plan} --plugin missing.ts`, 2, /plug-in missing.ts: there is no such file/],
  [`${plan} --plugin node:fs`, 2, /plug-in node:fs: there is no such file/],
  ["run --resume missing.jsonl", 2, /missing.jsonl: no such file or folder/],
  ["run --replay missing.jsonl", 2, /missing.jsonl: no such file or folder/],
  ["report missing.jsonl", 2, /missing.jsonl: no such file or folder/],
  ["compare missing.jsonl gone.jsonl", 2, /missing.jsonl: no such file or folder/],
  [
    "report .",
    2,
    /\.: must be a results file, or what attnbench export wrote, got a folder of something else/,
  ],
  ["report /dev/null", 2, /must be a regular file, got a pipe or device/],
  [["run", "--dry-run", "--config", "a\nb\u001b[31m"], 2, /a\\u\{a\}b\\u\{1b\}\[31m: no such file/],

  // Where it is written
  ...["x", "x.json", "x.jsonl/", ".jsonl", "missing/.jsonl", "/dev/full"].map(
    (path): RefusedWords => [
      ["run", "--lengths=8", "--out", path],
      2,
      /--out: must be a file ending in .jsonl/,
    ],
  ),
  [
    "run --lengths 8 --out missing/x.jsonl",
    1,
    /missing\/x.jsonl: cannot be written, its folder does not exist/,
  ],
  ["run --lengths 8 --out x.jsonl --samples-csv x.txt", 2, /--samples-csv: must be a file ending in .csv/],
  ["run --lengths 8 --out x.jsonl --samples-csv x.csv", 2, /must be a different file from that of the cases/],
  ["run --lengths 8 --out x.jsonl --samples-csv missing/x.csv", 1, /its folder does not exist/],
  ["run --resume x.jsonl --out y.jsonl", 2, /--resume: resumes its own plan and file/],
  ["run --resume x.jsonl --replay y.jsonl", 2, /--resume: resumes its own plan and file/],

  // show
  ...["0", "-1", "1.5", "1e3", "8..16", "8,9", "NaN"].map(
    (text): RefusedWords => [
      ["show", "local", `--length=${text}`],
      2,
      /--length: a length must be a whole number/,
    ],
  ),
  ["show local --length 16385", 2, /--length must be at most 16384 as text, got 16385/],
  ["show local --length 2048 --format svg", 2, /--length must be at most 1024 as svg/],
  ...["-1", "1.5", "1024", "NaN"].map(
    (text): RefusedWords => [
      ["show", "local", `--head=${text}`],
      2,
      /--head: must be an integer from 0 to 1023/,
    ],
  ),
  ...["nope", "JSON", "__proto__"].map(
    (text): RefusedWords => [
      ["show", "local", "--format", text],
      2,
      /unknown format '.*'; expected one of text, json, svg/,
    ],
  ),
];
