'use strict';
// So many requests at a time, the others in their turn. (An agent's own limit does not count
// connections that are only being made.)

const { SidecarError } = require('./errors.js');

class Places {
  #free;
  #waiting = new Set(); // of functions that take a place over, in order

  constructor(count) {
    this.#free = count;
  }

  /**
   * Waits for a place, no longer than `lengthMs`. Whoever got one calls `leave` when done. Fails
   * with a SidecarError when the time is over, or `signal` says that all is.
   */
  enter(lengthMs, { background = false, signal } = {}) {
    if (signal?.aborted)
      return Promise.reject(new SidecarError('closed', 'the request was given up'));
    if (this.#free > 0) {
      --this.#free;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const end = (settle, value) => {
        this.#waiting.delete(entered);
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
        settle(value);
      };
      const entered = () => end(resolve);
      const aborted = () => end(reject, new SidecarError('closed', 'the request was given up'));
      const late = () => {
        const what =
          'too many calls of this process wait for wixtokend: is it stopped or overloaded?';
        end(reject, new SidecarError('timed_out', what, { retryable: true }));
      };
      const timer = setTimeout(late, lengthMs);
      if (background) timer.unref();
      signal?.addEventListener('abort', aborted);
      this.#waiting.add(entered);
    });
  }

  leave() {
    const [next] = this.#waiting;
    if (next) next();
    else ++this.#free;
  }
}

module.exports = { Places };
