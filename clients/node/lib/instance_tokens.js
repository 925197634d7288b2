'use strict';
// The tokens of one instance in this process: the copy, and the one question to the daemon that all
// callers share.

const { ask } = require('./asking.js');
const { Deadline } = require('./deadline.js');
const { SidecarError } = require('./errors.js');
const { bothClocks, tokenFrom } = require('./token_answer.js');
const { TokenCopy } = require('./token_copy.js');
const { TokenWatch } = require('./token_watch.js');

// So many tokens back a 401 is still understood: requests that were under way when it was replaced.
const rememberedMax = 4;
const waitMaxS = 60;
const lookTimeoutMs = 5_000;
// Who has joined a question that ends as its own time does hears the reason, not only that it is
// over.
const reasonMs = 50;

const quote = (generation) => `"${generation}"`;

/** The daemon is told to give up before the caller does, so that its reason arrives. */
function waitFor(leftMs, waitLimitS) {
  const wait = (leftMs - Math.max(50, leftMs * 0.05)) / 1000;
  return Math.min(Math.max(wait, 0), waitLimitS).toFixed(3);
}

/** Waits for another caller's `work`, but no longer than `deadline`; `work` goes on. */
function within(deadline, work, late) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), deadline.left() + reasonMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Whether a caller may do better than the question of another caller that it had joined. */
function isWorthAsking(flight, error, deadline, minValidMs) {
  const hasMoreTime = deadline.left() - flight.deadline.left() > 100;
  return flight.minValidMs > minValidMs || (error.retryable && hasMoreTime);
}

class InstanceTokens {
  #line;
  #watchLine;
  #path;
  #instanceId;
  #maxAgeMs;
  #copy;
  #remembered = new Map(); // token → generation
  #flight; // the question that is under way: { done, deadline, minValidMs }
  #refusedGeneration; // the one that was reported last
  #report; // the rejection that is under way: { generation, done }
  #watch;
  #waitLimitS = waitMaxS;

  /** @param lines  `{ line, watchLine }`, of exchange. @param path  Of the instance in the API. */
  constructor({ line, watchLine }, path, instanceId, maxAgeMs) {
    this.#line = line;
    this.#watchLine = watchLine;
    this.#path = path;
    this.#instanceId = instanceId;
    this.#maxAgeMs = maxAgeMs;
  }

  /** The copy, if it may be used now. */
  get active() {
    return this.#copy && this.#copy.leftMs() > 0 ? this.#copy : undefined;
  }

  get isBusy() {
    return Boolean(this.#watch || this.#flight || this.#report);
  }

  /** A token that may be used for `minValidMs`. Fails with a SidecarError. */
  async token({ minValidMs, timeoutMs }) {
    const deadline = new Deadline(timeoutMs);
    if (this.#copy?.isFresh(minValidMs)) {
      if (this.#copy.shouldLook() && !this.#watch?.isFollowing) this.#look();
      return this.#copy;
    }
    for (;;) {
      if (this.#report) await this.#settled(this.#report.done, deadline);
      if (this.#copy?.isFresh(minValidMs)) return this.#copy;
      const mine = !this.#flight;
      if (mine) this.#start(minValidMs, deadline.left());
      const flight = this.#flight;
      try {
        const found = await (mine
          ? flight.done
          : within(deadline, flight.done, () => this.#late()));
        // Whoever asked for less of its life may have been given less; and a copy that the daemon
        // has confirmed may have been refused meanwhile.
        if (found && (mine || found.leftMs() >= minValidMs)) return found;
      } catch (error) {
        if (!mine && deadline.left() > 0 && isWorthAsking(flight, error, deadline, minValidMs))
          continue;
        const usable = this.active;
        if (error.retryable && usable && usable.leftMs() >= minValidMs) return usable;
        throw error;
      }
    }
  }

  /**
   * Reports that an API refused this token.
   * @returns a newer one, or undefined if this was not a token from here. Fails with a
   *            SidecarError.
   */
  async reject(token, { timeoutMs }) {
    const generation = this.#remembered.get(token);
    if (generation === undefined) return undefined;
    const newer = this.active;
    if (newer && newer.generation > generation) return newer;
    this.#refusedGeneration = generation;
    if (this.#copy?.generation === generation) this.#copy.refused = true;
    const deadline = new Deadline(timeoutMs);
    if (this.#report?.generation !== generation) this.#send(generation, timeoutMs);
    return within(deadline, this.#report.done, () => this.#late());
  }

  /** Follows what becomes of the token, until `unwatch`. May be called several times. */
  watch() {
    this.#watch ??= new TokenWatch({
      line: this.#watchLine,
      path: `${this.#path}/token`,
      has: () => this.active && quote(this.active.generation),
      take: (answer, sentAt) => this.#take(answer, sentAt),
      drop: () => (this.#copy = undefined),
    });
    this.#watch.enter();
  }

  unwatch() {
    if (this.#watch?.leave()) this.#watch = undefined;
  }

  close() {
    this.#watch?.stop();
    this.#watch = undefined;
    this.#copy = undefined;
    this.#remembered.clear();
  }

  #start(minValidMs, timeoutMs, background = false) {
    const done = this.#ask(minValidMs, timeoutMs, background);
    const flight = { done, deadline: new Deadline(timeoutMs), minValidMs };
    flight.done = done.finally(() => {
      if (this.#flight === flight) this.#flight = undefined;
    });
    flight.done.catch(() => {}); // told to those who wait
    this.#flight = flight;
  }

  #send(generation, timeoutMs) {
    const report = { generation, done: this.#reject(generation, timeoutMs) };
    report.done = report.done.finally(() => {
      if (this.#report === report) this.#report = undefined;
    });
    report.done.catch(() => {});
    this.#report = report;
  }

  async #settled(work, deadline) {
    await within(deadline, work, () => this.#late()).catch(() => {});
  }

  async #ask(minValidMs, timeoutMs, background) {
    const has = this.active;
    let sentAt;
    const answer = await this.#call(
      timeoutMs,
      (wait) => {
        sentAt = bothClocks();
        const minValid = minValidMs > 0 ? `min_valid=${(minValidMs / 1000).toFixed(3)}&` : '';
        const headers = has ? { 'if-none-match': quote(has.generation) } : {};
        const path = `${this.#path}/token?${minValid}wait=${wait}`;
        return { method: 'GET', path, headers, background };
      },
      has,
    );
    return this.#take(answer, sentAt);
  }

  async #reject(generation, timeoutMs) {
    let sentAt;
    const answer = await this.#call(timeoutMs, (wait) => {
      sentAt = bothClocks();
      return {
        method: 'POST',
        path: `${this.#path}/token/reject?wait=${wait}`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ generation }),
      };
    });
    return this.#take(answer, sentAt);
  }

  async #call(timeoutMs, request, has) {
    const deadline = new Deadline(timeoutMs);
    const counts = ({ status }) => status === 200 || (status === 304 && has !== undefined);
    const prepare = (leftMs) => request(waitFor(leftMs, this.#waitLimitS));
    try {
      return await ask(this.#line, prepare, counts, timeoutMs);
    } catch (error) {
      // limits.wait_max may be less than what is asked for, but never less than a second.
      if (error.code !== 'invalid_parameter' || this.#waitLimitS === 1) throw error;
      this.#waitLimitS = 1;
      return ask(this.#line, prepare, counts, deadline.left());
    }
  }

  /**
   * Takes over what an answer says. 304: what is here is current.
   * @returns the copy, or undefined if that may not be used any more.
   */
  #take(answer, sentAt) {
    if (answer.status === 304) {
      this.#copy?.confirm();
      return this.active;
    }
    const facts = tokenFrom(answer, this.#instanceId, sentAt, this.#line.socketPath);
    // An answer that was overtaken by a newer one.
    const present = this.active;
    if (present && present.generation > facts.generation) return present;
    if (facts.generation === this.#refusedGeneration) facts.stale = true;
    this.#copy = new TokenCopy(facts, this.#maxAgeMs);
    this.#remembered.delete(facts.token);
    this.#remembered.set(facts.token, facts.generation);
    if (this.#remembered.size > rememberedMax) {
      this.#remembered.delete(this.#remembered.keys().next().value);
    }
    return this.#copy;
  }

  /** The daemon has or will soon have a newer token: asks for it while the copy is being used. */
  #look() {
    if (!this.#flight) this.#start(0, lookTimeoutMs, true);
  }

  #late() {
    const what = `no token from wixtokend (${this.#line.socketPath}) in the time that was given`;
    return new SidecarError('timed_out', what, { retryable: true });
  }
}

module.exports = { InstanceTokens };
