'use strict';
// The daemon as this process sees it: one socket, and the copies of all instances' tokens.

const { setMaxListeners } = require('node:events');

const { socketOwnerFrom, socketPathFrom, timeoutFrom } = require('./environment.js');
const { SidecarError } = require('./errors.js');
const { InstanceTokens } = require('./instance_tokens.js');
const { Places } = require('./places.js');
const { SocketAgent } = require('./socket_agent.js');
const { allowedOwners } = require('./socket_owner.js');

// Connections, of the 256 that the daemon grants to a user, all of its processes together.
const callsMax = 16;
const watchesMax = 64; // more take turns
const instancesMax = 10_000;
const timeoutMaxMs = 600_000;

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function instanceIdFrom(text) {
  const id = typeof text === 'string' ? text.toLowerCase() : '';
  if (guid.test(id)) return id;
  throw new TypeError('instanceId must be xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx in hexadecimal');
}

function lengthFrom(value, name, least, most) {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new TypeError(`${name} must be a number of milliseconds, ${least} to ${most}`);
}

class Sidecar {
  #agent;
  #line;
  #watchLine;
  #prefix;
  #timeoutMs;
  #maxAgeMs;
  #instances = new Map(); // by id, the one that was used longest ago first
  #closing = new AbortController();

  /**
   * @param options  `{ socketPath, socketOwner, app, timeoutMs, maxAgeMs }`, all of them optional.
   */
  constructor(options = {}) {
    const { app, maxAgeMs = Infinity } = options;
    const socketPath = options.socketPath ?? socketPathFrom();
    if (typeof socketPath !== 'string' || !socketPath.startsWith('/')) {
      throw new TypeError("socketPath must be the absolute path of the daemon's socket");
    }
    if (app !== undefined && (typeof app !== 'string' || app === '')) {
      throw new TypeError("app must be the 'name' of an [[app]] in the daemon's configuration");
    }
    const owners = allowedOwners(options.socketOwner ?? socketOwnerFrom());
    this.#timeoutMs = lengthFrom(options.timeoutMs ?? timeoutFrom(), 'timeoutMs', 1, timeoutMaxMs);
    this.#maxAgeMs = lengthFrom(maxAgeMs, 'maxAgeMs', 0, Infinity);
    this.#prefix = app === undefined ? '/v1' : `/v1/apps/${encodeURIComponent(app)}`;
    const closing = this.#closing.signal;
    setMaxListeners(0, closing); // each call that is under way is one
    this.#agent = new SocketAgent(socketPath, owners);
    const line = { agent: this.#agent, socketPath, closing };
    this.#line = { ...line, places: new Places(callsMax) };
    this.#watchLine = { ...line, places: new Places(watchesMax) };
  }

  /**
   * A token of the instance that may be used for `minValidMs`, from the copy or from the daemon.
   * Fails with a SidecarError, after `timeoutMs` at the latest.
   */
  async token(instanceId, { minValidMs = 0, timeoutMs = this.#timeoutMs } = {}) {
    const copy = await this.#tokensOf(instanceId).token({
      minValidMs: lengthFrom(minValidMs, 'minValidMs', 0, Number.MAX_SAFE_INTEGER),
      timeoutMs: lengthFrom(timeoutMs, 'timeoutMs', 1, timeoutMaxMs),
    });
    return copy.token;
  }

  /** The token that was got last, if it may still be used; asks nobody. */
  activeToken(instanceId) {
    return this.#closing.signal.aborted
      ? undefined
      : this.#instances.get(instanceIdFrom(instanceId))?.active?.token;
  }

  /**
   * Reports that an API refused this token. @returns a newer one, or undefined if the token was not
   * one that came from here. Fails with a SidecarError, `rejection_hold_off` among them.
   */
  async reject(instanceId, token, { timeoutMs = this.#timeoutMs } = {}) {
    const tokens = this.#tokensOf(instanceId);
    const limit = lengthFrom(timeoutMs, 'timeoutMs', 1, timeoutMaxMs);
    return (await tokens.reject(token, { timeoutMs: limit }))?.token;
  }

  /** Follows the instance's token in the background. @returns a function that ends it. */
  watch(instanceId) {
    const tokens = this.#tokensOf(instanceId);
    tokens.watch();
    let watching = true;
    return () => {
      if (watching) tokens.unwatch();
      watching = false;
    };
  }

  /** Ends all connections and forgets all copies. Calls that are under way fail. */
  close() {
    this.#closing.abort();
    for (const tokens of this.#instances.values()) tokens.close();
    this.#instances.clear();
    this.#agent.destroy();
  }

  #tokensOf(instanceId) {
    if (this.#closing.signal.aborted) throw new SidecarError('closed', 'this Sidecar was closed');
    const id = instanceIdFrom(instanceId);
    const known = this.#instances.get(id);
    const path = `${this.#prefix}/instances/${id}`;
    const lines = { line: this.#line, watchLine: this.#watchLine };
    const tokens = known ?? new InstanceTokens(lines, path, id, this.#maxAgeMs);
    this.#instances.delete(id);
    this.#instances.set(id, tokens);
    if (!known && this.#instances.size > instancesMax) this.#forgetOne();
    return tokens;
  }

  #forgetOne() {
    for (const [id, tokens] of this.#instances) {
      if (tokens.isBusy) continue;
      this.#instances.delete(id);
      return;
    }
  }
}

module.exports = { Sidecar, instanceIdFrom };
