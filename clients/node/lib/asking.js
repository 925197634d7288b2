'use strict';
// Asks until there is an answer that counts, or the caller's time is over. Every request that this
// package makes may be repeated: asking for a token, and reporting a refused generation.

const { Deadline, pause } = require('./deadline.js');
const { refusal } = require('./errors.js');
const { exchange } = require('./exchange.js');

const pauseMinMs = 10;
const pauseMaxMs = 500;

/** What the answer's body says, or undefined if it is not JSON. */
function jsonOf(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

async function once(line, request, deadline, counts) {
  try {
    const answer = await exchange(line, request, deadline);
    answer.json = answer.status === 304 ? undefined : jsonOf(answer.body);
    return counts(answer) ? { answer } : { failure: refusal(answer, line.socketPath) };
  } catch (failure) {
    return { failure };
  }
}

/**
 * @param line      See exchange.
 * @param prepare   Makes the request for the time that is left: `(leftMs) => request`.
 * @param counts    Whether an answer is one to return: `(answer) => boolean`.
 * @returns the answer, with its body as `json`; fails with the SidecarError of the last attempt.
 */
async function ask(line, prepare, counts, timeoutMs) {
  const deadline = new Deadline(timeoutMs);
  for (let round = 0; ; ++round) {
    const request = prepare(deadline.left());
    const { answer, failure } = await once(line, request, deadline, counts);
    if (answer) return answer;
    const soon = Math.min(pauseMinMs * 2 ** Math.min(round, 10), pauseMaxMs);
    // A daemon that stops is mostly back before its second is over.
    const tells = failure.retryAfter !== undefined && failure.code !== 'stopping';
    const wait = tells ? Math.max(failure.retryAfter * 1000, soon) : soon;
    if (!failure.retryable || wait >= deadline.left()) throw failure;
    await pause(wait, { background: request.background, signal: request.signal ?? line.closing });
  }
}

module.exports = { ask, jsonOf };
