'use strict';
// Follows the token of one instance in the background: a request that the daemon answers when there
// is a newer token. It never keeps the process alive.

const { jsonOf } = require('./asking.js');
const { Deadline, pause } = require('./deadline.js');
const { refusal } = require('./errors.js');
const { exchange } = require('./exchange.js');
const { bothClocks } = require('./token_answer.js');

const heldS = 60;
const graceMs = 15_000; // for an answer of a busy daemon, after it was due
const pauseMinMs = 50;
const pauseMaxMs = 5_000;

// These say that the copy is not to be used any more.
const withdrawn = new Set(['access_denied', 'unknown_app', 'unknown_instance', 'unknown_upstream']);

class TokenWatch {
  #needs;
  #followers = 0;
  #stopping = new AbortController();
  #failures = 0;
  #heardAt = -Infinity;

  /**
   * @param needs  `line`, `path`; `has()`: the entity tag of the copy, if there is one;
   *               `take(answer, sentAt)`; `drop()`: the copy is not to be used any more.
   */
  constructor(needs) {
    this.#needs = needs;
    this.#run();
  }

  /** Whether the daemon tells of a newer token at the moment. */
  get isFollowing() {
    return performance.now() - this.#heardAt < heldS * 1000 + graceMs;
  }

  enter() {
    ++this.#followers;
  }

  /** @returns whether it has ended, because nobody follows any more. */
  leave() {
    if (--this.#followers > 0) return false;
    this.stop();
    return true;
  }

  stop() {
    this.#stopping.abort();
  }

  async #run() {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let wait = 0;
      try {
        wait = await this.#round(signal);
        this.#failures = 0;
      } catch (error) {
        this.#heardAt = -Infinity;
        if (withdrawn.has(error.code)) this.#needs.drop();
        wait = Math.max(this.#backoff(), (error.retryAfter ?? 0) * 1000);
      }
      if (wait > 0 && !signal.aborted) await pause(wait, { background: true, signal });
    }
  }

  /** @returns how long to pause before the next one, in milliseconds. */
  async #round(signal) {
    const { line, path, has, take } = this.#needs;
    const tag = has();
    const sentAt = bothClocks();
    const request = {
      method: 'GET',
      path,
      headers: tag ? { 'if-none-match': tag, prefer: `wait=${heldS}` } : {},
      background: true,
      signal,
    };
    const answer = await exchange(line, request, new Deadline(heldS * 1000 + graceMs));
    answer.json = answer.status === 304 ? undefined : jsonOf(answer.body);
    if (answer.status !== 200 && !(answer.status === 304 && tag)) {
      throw refusal(answer, line.socketPath);
    }
    this.#heardAt = performance.now();
    take(answer, tag ? bothClocks() : sentAt);
    // A daemon that stops answers at once; so does one that does not hold answers.
    return answer.status === 304 && performance.now() - sentAt.monotonic < 500 ? 500 : 0;
  }

  #backoff() {
    const most = Math.min(pauseMinMs * 2 ** Math.min(this.#failures++, 10), pauseMaxMs);
    return most * (0.5 + Math.random() / 2); // not all processes at once
  }
}

module.exports = { TokenWatch };
