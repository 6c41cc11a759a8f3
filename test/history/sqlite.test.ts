import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { lineOf, storedEntry } from "../../src/history/entry-line.ts";
import { historyOf, readHistory } from "../../src/history/read-history.ts";
import { writeSqlite } from "../../src/history/sqlite.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { sampleAccepted, sampleEntry, samplePlace } from "./sample-entries.ts";

const folder = scratchFolder();
const path = join(folder.path, "h.sqlite");
const cells = JSON.parse('{"__proto__":1e-3,"7":2e-3,"a\'; DROP TABLE cells; --":3e-3,"größe/😀":1e-12}');
const entries = [
  sampleEntry(0),
  sampleEntry(1, { cells, dirty: true, source: "sweep", class: "epyc" }),
  sampleEntry(2, { place: samplePlace({ cpu: "'\u0000\ud800\u2028" }), source: "gate" }),
  storedEntry({
    ...sampleEntry(3),
    cells: new Map([
      ["a", { median_s: 0.1 + 0.2, low_s: 1e-5, high_s: 12345.6 }],
      ["b", { median_s: 1e9 }],
    ]),
  }),
];
const history = historyOf(entries);
const accepted = [sampleAccepted(0), sampleAccepted(1, { cells: ["full*", "'; --"] })];

describe("a history as SQLite", () => {
  test("holds the same, and is read wherever the file of lines is", () => {
    writeSqlite(path, history.entries, accepted);
    expect(readHistory([path])).toEqual({ ...history, accepted, truncated: [] });
    expect(readHistory([path]).entries.map(lineOf)).toEqual(history.entries.map(lineOf));
    expect(readdirSync(folder.path)).toEqual(["h.sqlite"]);
  });

  test("answers questions in SQL", () => {
    const database = new DatabaseSync(path, { readOnly: true });
    const found = database
      .prepare(
        "SELECT cell, count(*) AS n, min(median_s) AS least FROM times WHERE source <> 'gate' GROUP BY cell ORDER BY cell",
      )
      .all();
    expect(found.find(({ cell }) => cell === "a")).toEqual({ cell: "a", n: 1, least: 0.3 });
    expect(database.prepare("SELECT about FROM times WHERE class = 'epyc' LIMIT 1").get()?.about).toMatch(
      /^epyc, Example CPU/,
    );
    database.close();
  });

  test.runIf(spawnSync("sqlite3", ["--version"]).status === 0)("is opened by SQLite's own tool", () => {
    const ask = (sql: string) => execFileSync("sqlite3", [path, sql], { encoding: "utf8" }).trim();
    expect(ask("PRAGMA integrity_check; PRAGMA foreign_key_check;")).toBe("ok");
    expect(ask("SELECT count(*) FROM times")).toBe(
      `${entries.reduce((sum, one) => sum + one.cells.size, 0)}`,
    );
  });

  test("is written without a journal beside it", () => {
    const beside: string[][] = [];
    const [first, ...others] = history.entries;
    const watching = {
      ...first,
      get place() {
        beside.push(readdirSync(folder.path).filter((name) => name.includes("journal")));
        return first.place;
      },
    };
    writeSqlite(path, [...others, watching]);
    expect(beside).toEqual([[]]);
  });

  test("replaces what was there only when it is finished", () => {
    const kept = join(folder.path, "kept.sqlite");
    writeFileSync(kept, "old");
    const broken = { ...history.entries[0], source: null } as never;
    expect(() => writeSqlite(kept, [broken])).toThrow(/kept\.sqlite: cannot be written/);
    expect(readFileSync(kept, "utf8")).toBe("old");
    expect(readdirSync(folder.path).toSorted()).toEqual(["h.sqlite", "kept.sqlite"]);
    expect(() => writeSqlite(join(folder.path, "none/h.sqlite"), [])).toThrow(
      /none\/h\.sqlite: cannot be written, its folder does not exist/,
    );
    expect(existsSync(join(folder.path, "none"))).toBe(false);
  });

  const damaged = (change: (database: DatabaseSync) => void) => {
    const other = join(folder.path, "damaged.sqlite");
    writeSqlite(other, history.entries);
    const database = new DatabaseSync(other);
    change(database);
    database.close();
    return () => readHistory([other]);
  };

  test.each([
    ["a time", "UPDATE cells SET median_s = median_s * 2", /id must be [0-9a-f]{16}, by its content, got/],
    [
      "a time of nothing",
      "UPDATE cells SET median_s = 0",
      /entry [0-9a-f]{16}: cells must be as in a history/,
    ],
    ["a name", "UPDATE names SET cell = cell || 'x' WHERE cell_id = 1", /id must be/],
    ["a missing cell", "DELETE FROM cells WHERE cell_id = 1", /id must be/],
    ["a commit", "UPDATE entries SET commit_sha = 'zzz'", /commit must be as in a history/],
    ["a place", "UPDATE places SET place = '{}'", /place.* must be as in a history|UNIQUE/],
    [
      "a place that is no JSON",
      "UPDATE places SET place = '{' WHERE place_id = 1",
      /must be a database that attnbench history export wrote, got/,
    ],
    ["a later schema", "UPDATE history SET schema = 2", /the schema must be 1, got 2; use the version/],
    ["a missing table", "DROP TABLE history", /got one without the table history$/],
  ])("is refused in one line with %s changed", (_, sql, says) => {
    let read = () => {};
    try {
      read = damaged((database) => database.exec(`PRAGMA foreign_keys = OFF; ${sql}`));
    } catch (thrown) {
      expect(String(thrown)).toMatch(says);
      return;
    }
    expect(read).toThrow(says);
    expect(read).toThrow(/^history: \S+damaged\.sqlite: /);
  });

  test("is refused if a table is a view, which may compute without end", () => {
    const read = damaged((database) => {
      database.exec(`PRAGMA foreign_keys = OFF; DROP VIEW times; DROP TABLE cells;
        CREATE VIEW cells AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n`);
    });
    expect(read).toThrow(/without the table cells$/);
  });

  test("is refused in one line when it was cut off", () => {
    const cut = join(folder.path, "cut.sqlite");
    for (const size of [16, 100, 4096, 20_000]) {
      writeSqlite(cut, history.entries);
      truncateSync(cut, size);
      expect(() => readHistory([cut]), `${size}`).toThrow(/^history: \S+cut\.sqlite: must be a database/);
    }
  });
});
