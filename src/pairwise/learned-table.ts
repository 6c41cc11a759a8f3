/** Numbers that a layer learns, drawn here: `entries` of them per head, normal, of one stream per head. */
export interface LearnedTable {
  readonly entries: number;
  /** The name of the random stream, such as `t5-bias/table`. */
  readonly stream: string;
  readonly seed: number;
}
