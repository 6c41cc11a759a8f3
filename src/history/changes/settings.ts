/** How changes are told from noise. */
export interface ChangeSettings {
  /** Relative change of a level that counts, such as 0.02. */
  readonly threshold: number;
  /** Points that a level must have. */
  readonly least: number;
  /** The probability, at most, that anything is called a change where nothing changes, over all cells and machines. */
  readonly falseAlarms: number;
  readonly seed: number;
}
