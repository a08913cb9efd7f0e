// Collects what the tests print; run.mjs reads `testLines`.
'use strict';
globalThis.testLines = [];
addEventListener('error', (event) => testLines.push(`CRASH ${event.message}`));
addEventListener('unhandledrejection', (event) => testLines.push(`CRASH ${event.reason}`));
createBinnacleTests({
  print: (line) => testLines.push(line),
  printErr: (line) => testLines.push(`NOTE ${line}`),
  onAbort: (what) => testLines.push(`CRASH ${what}`),
});
