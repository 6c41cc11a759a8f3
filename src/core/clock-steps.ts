/** What is timed must last this many steps of the clock: each end is off by up to one. */
export const CLOCK_STEPS = 100;
