import "./geometric-mean.test.ts";
