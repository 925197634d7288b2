'use strict';
// Reads the daemon's answer to a request for a token. What does not fit is refused: a token that is
// cut, of another instance, or of no known life is worse than none.

const { misfit } = require('./errors.js');

const tokenBytesMax = 64 * 1024;

const isLength = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0;

function mistakeIn(said, instanceId) {
  if (typeof said !== 'object' || said === null) return 'it is no JSON object';
  const token = said.access_token;
  if (typeof token !== 'string' || token.length > tokenBytesMax || !/^[\x21-\x7e]+$/.test(token)) {
    return 'access_token is missing, or no token';
  }
  if (!isLength(said.expires_in)) return 'expires_in is missing, or no length of time';
  if (!Number.isSafeInteger(said.generation)) return 'generation is missing, or no whole number';
  if (said.instance_id?.toLowerCase?.() !== instanceId)
    return 'instance_id is not the one asked for';
  return undefined;
}

/**
 * @param from  The instant that lengths are counted from, by both clocks: `{ monotonic, wall }`.
 *              When the request was *sent*, so that a slow answer shortens a life instead of
 *              lengthening it; when the answer came, if the daemon had held it.
 * @returns `{ token, generation, stale, endsAt, wallEndsAt, refreshAt, lifeMs }`, instants in
 *          milliseconds; throws a SidecarError.
 */
function tokenFrom(answer, instanceId, from, socketPath) {
  const said = answer.json;
  const mistake = mistakeIn(said, instanceId);
  if (mistake) {
    throw misfit(mistake, socketPath, {
      status: answer.status,
      requestId: answer.headers['x-request-id'],
    });
  }
  // The date bounds the length: an answer may have lain in the socket while this process stood
  // still.
  const dated = isLength(said.expires_at) ? said.expires_at * 1000 - from.wall : Infinity;
  const lifeMs = Math.max(Math.min(said.expires_in * 1000, dated), 0);
  const refreshIn = isLength(said.refresh_at) ? said.refresh_at * 1000 - from.wall : Infinity;
  return {
    token: said.access_token,
    generation: said.generation,
    stale: answer.headers['x-cache'] === 'STALE',
    endsAt: from.monotonic + lifeMs,
    wallEndsAt: from.wall + lifeMs,
    refreshAt: from.monotonic + refreshIn,
    lifeMs,
  };
}

const bothClocks = () => ({ monotonic: performance.now(), wall: Date.now() });

module.exports = { bothClocks, tokenFrom };
