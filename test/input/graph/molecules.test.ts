import { describe, expect, it } from "vitest";
import { ATOM_FEATURES, readMolecules } from "../../../src/input/graph/molecules.ts";
import { edgesOf } from "../../../src/input/graph/raw-graph.ts";
import { refusalOf } from "../refusal.ts";

const degreesOf = async (smiles: string) => {
  const { indptr } = edgesOf(await readMolecules(smiles, "smiles"), "smiles");
  return Array.from({ length: indptr.length - 1 }, (_, node) => indptr[node + 1] - indptr[node] - 1);
};
/** Which features of an atom are not 0. */
const featuresOf = async (smiles: string, atom = 0) => {
  const { features } = await readMolecules(smiles, "smiles");
  const own = features.subarray(ATOM_FEATURES * atom, ATOM_FEATURES * (atom + 1));
  return [...own.entries()].filter(([, value]) => value !== 0);
};

describe("molecules in SMILES", () => {
  it("have atoms as nodes and bonds as edges, as a chemist counts them", async () => {
    expect(await degreesOf("CCO")).toEqual([1, 2, 1]);
    expect(await degreesOf("c1ccccc1")).toEqual([2, 2, 2, 2, 2, 2]);
    // Aspirin: 13 heavy atoms and 13 bonds. Caffeine: 14 and 15.
    for (const [smiles, atoms, bonds] of [
      ["CC(=O)Oc1ccccc1C(=O)O", 13, 13],
      ["CN1C=NC2=C1C(=O)N(C(=O)N2C)C", 14, 15],
    ] as const) {
      const degrees = await degreesOf(smiles);
      expect(degrees).toHaveLength(atoms);
      expect(degrees.reduce((sum, one) => sum + one, 0)).toBe(2 * bonds);
    }
  });

  it("have atoms in the order in which they are written, and hydrogens where they are written as atoms", async () => {
    expect(await degreesOf("C(F)(Cl)Br")).toEqual([3, 1, 1, 1]);
    expect(await degreesOf("[H][H]")).toEqual([1, 1]);
    expect(await degreesOf("C")).toEqual([0]);
  });

  it("stand beside one another, one on a line, before their names", async () => {
    const content = "\xef\xbb\xbfCCO ethanol\r\n# a comment\r\n\r\n[Na+].[Cl-]\tsalt\r\nC\r\n";
    expect(await readMolecules(content, "smiles")).toMatchObject({ molecules: 3, nodes: 6 });
    expect(await degreesOf(content)).toEqual([1, 2, 1, 0, 0, 0]);
  });

  it("tell elements, neighbours, hydrogens, charges, aromatic atoms and rings apart", async () => {
    // Two atoms of each pair differ in this alone, or in what follows from it.
    const pairs = [
      ["C", "N"],
      ["CC", "C"],
      ["C=C", "C#C"],
      ["[NH4+]", "N"],
      ["c1ccccc1", "C1=CCCC=C1"],
      ["C1CC1", "CCC"],
    ];
    for (const [one, other] of pairs) expect(await featuresOf(one)).not.toEqual(await featuresOf(other));
    // Carbon, no neighbour, four hydrogens.
    expect(await featuresOf("C")).toEqual([
      [2, 1],
      [14, 1],
      [25, 1],
    ]);
    expect((await featuresOf("[Fe+3]")).map(([, value]) => value)).toEqual([1, 1, 1, 3]);
  });

  it.each<[string, string]>([
    ["CC(", "got 'CC(' in line 1, with 1 ( and 0 )"],
    ["CCO\nC1CC", "got 'C1CC' in line 2, dangling ring closure: 1; position:4"],
    ["XX", "a molecule must be SMILES, such as CCO, got 'XX' in line 1, unknown element label found"],
    ["", "must hold a molecule, got none"],
    ["# nothing", "must hold a molecule, got none"],
    ["C".repeat(1001), "longer than 1000 characters"],
    ["1 2", "got '1' in line 1"],
    ["\u001b[2J", "got '\\u{1b}[2J' in line 1"],
  ])("are refused in one line: %j", async (content, message) => {
    expect(await refusalOf(() => readMolecules(content, "smiles"))).toContain(message);
  });
});
