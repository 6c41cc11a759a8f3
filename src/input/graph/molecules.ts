import { messageOf, printable, UsageError } from "../../core/errors.ts";
import { Lines } from "./lines.ts";
import { Gathered, type RawGraph } from "./raw-graph.ts";

/** Molecules side by side, with what is known of each atom. */
export interface MoleculeGraph extends RawGraph {
  /** How many molecules. */
  readonly molecules: number;
  /** `[nodes, ATOM_FEATURES]` */
  readonly features: Float64Array;
}

/** Elements of drugs, by their numbers; all others share one place. */
const ELEMENTS: readonly number[] = [1, 5, 6, 7, 8, 9, 14, 15, 16, 17, 34, 35, 53];
/** Neighbours and hydrogens that are told apart; more count as the most. */
const MOST_NEIGHBOURS = 6;
const MOST_HYDROGENS = 4;

/** The element, the neighbours, the hydrogens, charge, aromaticity, membership in a ring. */
const DEGREE_AT = ELEMENTS.length + 1;
const HYDROGENS_AT = DEGREE_AT + MOST_NEIGHBOURS + 1;
const CHARGE_AT = HYDROGENS_AT + MOST_HYDROGENS + 1;
const AROMATIC_AT = CHARGE_AT + 1;
const RING_AT = AROMATIC_AT + 1;
export const ATOM_FEATURES = RING_AT + 1;

/** The most characters of one molecule, and atoms of all: far above any that has a SMILES. */
const MOST_CHARACTERS = 1000;
const MOST_ATOMS = 2 ** 20;

/**
 * Molecules in SMILES, one on each line, before its name if it has one: atoms are nodes, as they are written, and bonds
 * are edges both ways. Hydrogens are nodes only where they are written as atoms. OpenChemLib reads them.
 */
export async function readMolecules(content: string, where: string): Promise<MoleculeGraph> {
  const { Molecule } = await import("openchemlib");
  const from = new Gathered();
  const to = new Gathered();
  const features: number[] = [];
  let nodes = 0;
  let molecules = 0;
  const lines = new Lines(content);
  while (lines.next()) {
    if (lines.isComment) continue;
    const [smiles] = lines.text.split(/\s/, 1);
    const refuse = (got: string) =>
      new UsageError(
        `${where}: a molecule must be SMILES, such as CCO, got '${printable(smiles, 40)}' in line ${lines.number}, ${got}; correct it`,
      );
    if (smiles.length > MOST_CHARACTERS) throw refuse(`longer than ${MOST_CHARACTERS} characters`);
    // The library takes what is still open as closed.
    for (const [open, closing] of ["()", "[]"]) {
      const [opened, closed] = [open, closing].map((mark) => smiles.split(mark).length);
      if (opened !== closed) throw refuse(`with ${opened - 1} ${open} and ${closed - 1} ${closing}`);
    }
    let molecule: InstanceType<typeof Molecule>;
    try {
      molecule = Molecule.fromSmiles(smiles);
      molecule.ensureHelperArrays(Molecule.cHelperRings);
    } catch (thrown) {
      throw refuse(
        messageOf(thrown)
          .replace(/^.*SmilesParser: /, "")
          .slice(0, 80),
      );
    }
    const atoms = molecule.getAllAtoms();
    if (atoms === 0) throw refuse("which has no atoms");
    for (let atom = 0; atom < atoms; atom++) {
      const own = new Array<number>(ATOM_FEATURES).fill(0);
      const element = ELEMENTS.indexOf(molecule.getAtomicNo(atom));
      own[element < 0 ? ELEMENTS.length : element] = 1;
      own[DEGREE_AT + Math.min(MOST_NEIGHBOURS, molecule.getAllConnAtoms(atom))] = 1;
      own[HYDROGENS_AT + Math.min(MOST_HYDROGENS, molecule.getAllHydrogens(atom))] = 1;
      own[CHARGE_AT] = molecule.getAtomCharge(atom);
      own[AROMATIC_AT] = molecule.isAromaticAtom(atom) ? 1 : 0;
      own[RING_AT] = molecule.isRingAtom(atom) ? 1 : 0;
      features.push(...own);
    }
    for (let bond = 0; bond < molecule.getAllBonds(); bond++) {
      from.push(nodes + molecule.getBondAtom(0, bond));
      to.push(nodes + molecule.getBondAtom(1, bond));
    }
    nodes += atoms;
    molecules++;
    if (!(nodes <= MOST_ATOMS)) {
      throw new UsageError(
        `${where}: molecules must have at most ${MOST_ATOMS} atoms in all, got more; give fewer`,
      );
    }
  }
  if (molecules === 0)
    throw new UsageError(`${where}: must hold a molecule, got none; write SMILES, such as CCO`);
  return {
    nodes,
    molecules,
    from: from.values(),
    to: to.values(),
    bothWays: true,
    features: Float64Array.from(features),
  };
}
