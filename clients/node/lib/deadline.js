'use strict';
// How much time a caller has left. Counted by the monotonic clock: the wall clock may be set.

class Deadline {
  #end;

  constructor(lengthMs) {
    this.#end = performance.now() + lengthMs;
  }

  /** Milliseconds, never negative. */
  left() {
    return Math.max(this.#end - performance.now(), 0);
  }
}

/** Waits. A pause that nobody waits for (`background`) does not keep the process alive. */
function pause(lengthMs, { background = false, signal } = {}) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, lengthMs);
    if (background) timer.unref();
    if (signal?.aborted) return done();
    signal?.addEventListener('abort', done);
  });
}

module.exports = { Deadline, pause };
