/** Where `calibrate` leaves its blocks, and `gate` looks for them, unless told otherwise. */
export const CALIBRATION = "results/calibration.jsonl";
