'use strict';
// The one error of this package: what failed, what the daemon and Wix said, and what to do.

/**
 * `code` is the daemon's own (docs/api.md lists them), or one of these: `socket_missing`,
 * `not_listening`, `permission_denied`, `not_a_socket`, `wrong_owner`, `timed_out`,
 * `connection_lost`, `malformed_answer`, `other_version`, `closed`.
 */
class SidecarError extends Error {
  constructor(code, message, facts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'SidecarError';
    this.code = code;
    this.status = facts.status;
    this.requestId = facts.requestId;
    this.retryable = facts.retryable ?? false;
    this.retryAfter = facts.retryAfter;
    this.upstream = facts.upstream;
  }
}

// What to do about an answer, where its own sentence does not say. Short: docs/api.md has the rest.
const remedies = {
  access_denied:
    "run as a user that [[access]] in the daemon's configuration grants the role 'read' for it",
  unknown_app: "give the 'name' of an [[app]] in the daemon's configuration as `app`",
  unknown_instance: 'register the instance (PUT /v1/instances/{id}), or set on_demand = true',
  unknown_upstream: 'is the app installed on that site? After a reinstallation: POST …/retry',
  app_refused: "mend app_id or app_secret_file in the daemon's configuration",
  instance_blocked: 'mend the cause that Wix names, then POST …/retry',
  impossible_validity: 'ask for less than half of the life of a token as `minValidMs`',
  rejection_hold_off: 'look for a missing permission: a new token will not mend it now',
};

// These mean that the daemon does not know a call, or a part of one, that this client makes.
const foreign = new Set(['unknown_path', 'method_not_allowed', 'unknown_parameter']);

const line = (text) =>
  String(text)
    .replace(/[^\x20-\x7e\u00a0-\uffff]/g, ' ')
    .slice(0, 500);

function upstreamWords(upstream) {
  const said = [upstream.status, upstream.code, upstream.message].filter(Boolean).map(line);
  const id = upstream.request_id ? `, request id ${line(upstream.request_id)}` : '';
  return `; Wix said: ${said.join(' ') || 'nothing'}${id}`;
}

/**
 * The error for an answer that is not the wanted one.
 * @param answer  `{ status, headers, json }`, with `json` undefined if it was none.
 */
function refusal(answer, socketPath) {
  const requestId = answer.headers['x-request-id'];
  const facts = { status: answer.status, requestId: requestId && line(requestId) };
  const said = answer.json;
  if (typeof said?.error !== 'string' || typeof said.retryable !== 'boolean') {
    return misfit(`status ${answer.status} without an error of wixtokend`, socketPath, facts);
  }
  const upstream = typeof said.upstream === 'object' && said.upstream ? said.upstream : undefined;
  const code = foreign.has(said.error) ? 'other_version' : line(said.error);
  const remedy = foreign.has(said.error)
    ? 'this client and the daemon are of versions that do not fit: upgrade the older one'
    : remedies[said.error];
  const message =
    `wixtokend (${socketPath}) answered ${answer.status} ${line(said.error)}: ` +
    line(said.error_description ?? '') +
    (upstream ? upstreamWords(upstream) : '') +
    ` (request ${facts.requestId ?? 'without id'})` +
    (remedy ? `. What to do: ${remedy}` : '');
  return new SidecarError(code, message, {
    ...facts,
    retryable: said.retryable,
    retryAfter: Number.isFinite(said.retry_after) ? said.retry_after : undefined,
    upstream: upstream && {
      status: upstream.status,
      code: upstream.code,
      message: upstream.message,
      requestId: upstream.request_id,
    },
  });
}

/** The error for bytes that no version of wixtokend sends. */
function malformed(what, socketPath) {
  return new SidecarError(
    'malformed_answer',
    `the answer at ${socketPath} is not of use: ${line(what)}. ` +
      "Is it another program's socket? Give the path of the daemon's as `socketPath` or " +
      'WIXTOKEN_SOCKET',
  );
}

/** The error for an answer that has not what this client needs. */
function misfit(what, socketPath, facts) {
  const { version } = require('../package.json');
  return new SidecarError(
    'other_version',
    `the answer at ${socketPath} has not what this client (${version}) needs: ${line(what)}. ` +
      'Upgrade the older of the two; or is it another program that listens there?',
    facts,
  );
}

module.exports = { SidecarError, malformed, misfit, refusal };
