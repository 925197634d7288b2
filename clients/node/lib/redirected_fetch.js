'use strict';
// A fetch that sends token calls to the daemon, and all else to the fetch that was there before.

const { ask } = require('./asking.js');
const { isForDaemon, isTokenCall } = require('./token_calls.js');

// What of a request's head matters to the daemon. Not `origin` and the like: it would take the
// application for a browser.
const passedOn = ['accept', 'authorization', 'content-type', 'x-request-id'];
// Of an answer: the body is here whole, and the connection is not the application's.
const dropped = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);

const bodyBytesMax = 64 * 1024; // the daemon takes no more

function urlOf(input) {
  const text = typeof input === 'string' ? input : (input?.url ?? input?.href ?? String(input));
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Fails as fetch does when nobody answers. */
function unreachable(error) {
  return new TypeError(`fetch failed: ${error.message}`, { cause: error });
}

async function askDaemon(line, url, request, body, timeoutMs) {
  const headers = {};
  for (const name of passedOn) {
    if (request.headers.has(name)) headers[name] = request.headers.get(name);
  }
  const prepare = () => ({
    method: 'POST',
    path: url.pathname + url.search,
    headers,
    body,
    signal: request.signal,
  });
  // Only a daemon that is about to be restarted is asked again: else its answer is the
  // application's.
  const counts = ({ status, json }) => !(status === 503 && json?.error === 'stopping');
  const answer = await ask(line, prepare, counts, timeoutMs).catch((error) => {
    if (request.signal.aborted) throw request.signal.reason;
    throw unreachable(error);
  });
  const kept = Object.entries(answer.headers).filter(([name]) => !dropped.has(name));
  return new Response(answer.body, { status: answer.status, headers: kept });
}

function redirectFetch(direct, line, timeoutMs) {
  return async function fetch(input, init) {
    const url = urlOf(input);
    const method = init?.method ?? input?.method ?? 'GET';
    if (!url || !isTokenCall(String(method), url)) return direct(input, init);

    const request = new Request(input, init);
    // A body that can be read twice leaves the application's own arguments as they are.
    const plain = typeof init?.body === 'string' || init?.body instanceof URLSearchParams;
    const body = plain ? String(init.body) : await request.clone().text();
    if (body.length > bodyBytesMax || !isForDaemon(url, body)) {
      return plain ? direct(input, init) : direct(request);
    }
    return askDaemon(line, url, request, body, timeoutMs);
  };
}

module.exports = { redirectFetch };
