'use strict';
// The process's own copy of an instance's token: until when it may be used without asking.

const nearEndMs = 5_000;
const nearEndPart = 0.1; // of a life that is short
const staleMs = 1_000;
const lookPauseMs = 1_000;

class TokenCopy {
  #facts;
  #askAt;
  #lookAt;
  #maxAgeMs;

  /** @param facts  Of tokenFrom. @param maxAgeMs  How long it is used without asking. */
  constructor(facts, maxAgeMs) {
    this.#facts = facts;
    this.#maxAgeMs = maxAgeMs;
    this.#lookAt = facts.refreshAt;
    this.refused = false; // reported as rejected: never used again, whatever comes of the report
    this.#count(performance.now());
  }

  get token() {
    return this.#facts.token;
  }

  get generation() {
    return this.#facts.generation;
  }

  #count(now) {
    const nearEnd = this.#facts.endsAt - Math.min(nearEndMs, this.#facts.lifeMs * nearEndPart);
    // A stale token will be replaced any moment.
    const age = this.#facts.stale ? Math.min(this.#maxAgeMs, staleMs) : this.#maxAgeMs;
    // Near its end there is nothing newer yet: not a question for every call.
    const pause = Math.min(age, staleMs, this.leftMs() / 2);
    this.#askAt = now < nearEnd ? Math.min(nearEnd, now + age) : now + pause;
  }

  /**
   * How long it may still be used. The monotonic clock stands still while the machine sleeps, so
   * the wall clock is asked as well: a wrong step of it costs one question to the daemon.
   */
  leftMs() {
    const left = Math.min(
      this.#facts.endsAt - performance.now(),
      this.#facts.wallEndsAt - Date.now(),
    );
    return this.refused ? 0 : Math.max(left, 0);
  }

  /** Whether it may be used, for so long, without asking the daemon. */
  isFresh(minValidMs) {
    const left = this.leftMs();
    return left > 0 && left >= minValidMs && performance.now() < this.#askAt;
  }

  /** Whether the daemon means to have a newer one by now; not twice within a second. */
  shouldLook() {
    const now = performance.now();
    if (now < this.#lookAt) return false;
    this.#lookAt = now + lookPauseMs;
    return true;
  }

  /** The daemon has said that this is still the current token. */
  confirm() {
    this.#count(performance.now());
  }
}

module.exports = { TokenCopy };
