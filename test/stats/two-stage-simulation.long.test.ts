import "./two-stage-simulation.test.ts";
