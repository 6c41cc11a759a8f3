import "./table-row.test.ts";
