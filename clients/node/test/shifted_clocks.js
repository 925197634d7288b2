'use strict';
// Clocks that a test moves on, so that it need not wait. Timers go on as ever. Not a test.

/** @returns a function that moves both clocks on, for the rest of the test. */
function shiftedClocks(t) {
  const monotonic = performance.now.bind(performance);
  const wall = Date.now;
  let aheadMs = 0;
  t.mock.method(performance, 'now', () => monotonic() + aheadMs);
  t.mock.method(Date, 'now', () => wall() + aheadMs);
  return (lengthMs) => (aheadMs += lengthMs);
}

module.exports = { shiftedClocks };
