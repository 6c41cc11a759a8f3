import { printable } from "../core/errors.ts";
import { type BisectChoices, type Bisected, bisect } from "../library/bisect/bisect.ts";
import type { Step } from "../library/bisect/journal.ts";
import type { CommitText } from "../library/bisect/revisions.ts";
import { countText } from "../text/count-text.ts";
import { quotedPath } from "../text/shell-quoted.ts";
import { hostOf } from "./host-of.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";

export interface BisectOptions {
  readonly choices: BisectChoices;
  readonly json: boolean;
}

/** Finds the first commit that the gate finds slower, and says what the gate said. */
export async function bisectCommits({ choices, json }: BisectOptions, io: Io): Promise<ExitCode> {
  const hearing = {
    tested: (step: Step, commit: CommitText) => note(io, `${OUTCOMES[step.outcome]} ${inOneLine(commit)}`),
    left: (commits: number) => note(io, `about ${countText(commits, "commit")} left to test after the next`),
  };
  const bisected = await bisect(choices, hearing, hostOf(io));
  if (json) print(io, JSON.stringify(bisected, null, 2));
  else tell(bisected, io);
  if (bisected.end === "interrupted") {
    note(io, `interrupted; resume with: attnbench bisect --resume ${quotedPath(bisected.folder)}`);
    return EXIT.failed;
  }
  return bisected.end === "found" ? EXIT.fine : EXIT.inconclusive;
}

const OUTCOMES: Readonly<Record<Step["outcome"], string>> = {
  fine: "good   ",
  regressed: "bad    ",
  inconclusive: "unclear",
  failed: "failed ",
  unbuilt: "unbuilt",
};

function tell({ folder, end, first, steps }: Bisected, io: Io): void {
  const saidOf = (commit: string) => printable(steps.find((one) => one.commit === commit)?.said ?? "", 2000);
  const [newest] = first;
  switch (end) {
    case "found":
      print(
        io,
        `First bad commit: ${newest.commit}`,
        `  ${printable(newest.subject, 300)}`,
        `  ${printable(newest.author, 100)}, ${printable(newest.date, 40)}`,
        `  ${saidOf(newest.commit)}`,
        "",
      );
      break;
    case "between":
      print(
        io,
        `One of ${countText(first.length, "commit")} is the first bad one; the others could not be told good or bad:`,
        ...first.map((one) => `  ${inOneLine(one)}: ${saidOf(one.commit)}`),
        "",
      );
      break;
    case "not-bad":
      print(
        io,
        "Nothing to find: the gate does not prove the bad commit slower than the good one.",
        `  ${printable(steps.at(-1)?.said ?? "", 2000)}`,
        "",
      );
      break;
    case "interrupted":
      return;
    default:
      end satisfies never;
  }
  print(io, `kept in ${printable(folder)}: each commit's blocks, to be judged again with gate --from`);
}

function inOneLine({ commit, subject }: CommitText): string {
  return `${commit.slice(0, 10)} ${printable(subject, 80)}`;
}
