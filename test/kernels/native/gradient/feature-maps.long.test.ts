import "./feature-maps.test.ts";
