'use strict';
// The same for node:https, which axios and older libraries use. Its requests are streams: what they
// will carry is not known when they are made, so every POST to the token paths goes to the daemon.

const { isTokenCall } = require('./token_calls.js');

/** The URL and the method that the arguments of https.request name. */
function targetOf(args) {
  const [first, second] = args;
  const isAddress = typeof first === 'string' || first instanceof URL;
  const options = { ...((isAddress ? second : first) ?? {}) };
  const method = typeof options.method === 'string' ? options.method : 'GET';
  if (isAddress) return { url: new URL(first), method, options };
  const host = options.hostname ?? String(options.host ?? 'localhost').replace(/:\d+$/, '');
  const port = options.port ? `:${options.port}` : '';
  return { url: new URL(options.path ?? '/', `https://${host}${port}`), method, options };
}

/** The arguments of http.request for the daemon, or undefined if it is another request. */
function redirected(args, line, timeoutMs) {
  let target;
  try {
    target = targetOf(args);
  } catch {
    return undefined; // the original will say what is wrong
  }
  const { url, method, options } = target;
  if (!isTokenCall(method, url)) return undefined;
  const path = options.path ?? url.pathname + url.search;
  const { headers, auth, timeout, signal } = options;
  const to = { method, path, headers, auth, timeout, signal, host: 'localhost', agent: line.agent };
  return [{ ...to, patienceMs: timeoutMs }, args.find((one) => typeof one === 'function')];
}

/** Replaces `request` and `get` of node:https. */
function redirectRequests({ http, https }, line, timeoutMs) {
  const { request: direct } = https;
  https.request = function request(...args) {
    const to = redirected(args, line, timeoutMs);
    return to ? http.request(...to) : direct.apply(this, args);
  };
  // https.get makes GET requests only: none of them is a token call.
}

module.exports = { redirectRequests };
