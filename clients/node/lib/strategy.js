'use strict';
// The auth strategy for `createClient` of @wix/sdk.

const { Sidecar, instanceIdFrom } = require('./sidecar.js');
const { webhookReader } = require('./webhook_jwt.js');

// Strategies are often made anew for each request of a server. Those that go to the same place
// share connections and copies, however many there are.
const shared = new Map();
const sharedMax = 64; // beyond that the first ones are no longer shared

function sharedSidecar({ socketPath, socketOwner, app, timeoutMs, maxAgeMs }) {
  const environment = [process.env.WIXTOKEN_SOCKET, process.env.WIXTOKEN_SOCKET_OWNER];
  const key = JSON.stringify([
    socketPath ?? environment[0] ?? null,
    socketOwner ?? environment[1] ?? null,
    app ?? null,
    timeoutMs ?? null,
    maxAgeMs === Infinity ? null : (maxAgeMs ?? null),
  ]);
  if (!shared.has(key)) {
    if (shared.size >= sharedMax) shared.delete(shared.keys().next().value);
    shared.set(key, new Sidecar({ socketPath, socketOwner, app, timeoutMs, maxAgeMs }));
  }
  return shared.get(key);
}

/**
 * An auth strategy whose tokens come from wixtokend. No method needs `this`: the SDK takes them off
 * the object.
 * @param options  `{ instanceId, sidecar, socketPath, socketOwner, app, timeoutMs, maxAgeMs,
 *                 minValidMs, watch, appId, publicKey }`; only `instanceId` is needed.
 */
function sidecarStrategy(options) {
  const { minValidMs, publicKey, appId } = options;
  const instanceId = instanceIdFrom(options.instanceId);
  const sidecar = options.sidecar ?? sharedSidecar(options);
  const needs = minValidMs === undefined ? {} : { minValidMs };
  const unwatch = options.watch ? sidecar.watch(instanceId) : () => {};
  return {
    async getAuthHeaders() {
      return { headers: { Authorization: await sidecar.token(instanceId, needs) } };
    },
    getActiveToken: () => sidecar.activeToken(instanceId),
    decodeJWT: webhookReader({ publicKey, appId }),
    /** What fetchWithRetry calls after a 401; see Sidecar.reject. */
    reject: (token) => sidecar.reject(instanceId, token),
    /** Ends the watch of this strategy, if it has one. */
    close: unwatch,
  };
}

module.exports = { sidecarStrategy };
