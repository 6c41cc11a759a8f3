import "./step-location.test.ts";
