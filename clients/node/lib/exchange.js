'use strict';
// One request and its answer: bounded in size and time.

const http = require('node:http');

const { SidecarError, malformed } = require('./errors.js');

// The longest answer is a token of 64 KiB in JSON.
const answerBytesMax = 256 * 1024;
// A socket that never comes is told as that, and not as time that is over: the connecting gives up
// before the request does, and has a moment to say why.
const patienceMarginMs = 20;
const verdictMs = 100;

function collect(answer, socketPath, done) {
  const parts = [];
  let size = 0;
  answer.on('data', (part) => {
    size += part.length;
    if (size > answerBytesMax) {
      return done(malformed(`it is longer than ${answerBytesMax} bytes`, socketPath));
    }
    parts.push(part);
  });
  answer.on('end', () => {
    if (!answer.complete) return;
    done(null, {
      status: answer.statusCode,
      headers: answer.headers,
      body: Buffer.concat(parts).toString('utf8'),
    });
  });
}

function described(error, socketPath) {
  if (error instanceof SidecarError) return error;
  if (error.code?.startsWith('HPE_')) return malformed(`no HTTP (${error.code})`, socketPath);
  return new SidecarError(
    'connection_lost',
    `the connection at ${socketPath} broke: ${error.message}`,
    {
      cause: error,
      retryable: true,
    },
  );
}

/**
 * Sends one request.
 * @param line     Where to: `{ agent, places, socketPath, closing }`, the last an AbortSignal that
 *                 ends all.
 * @param request  `{ method, path, headers, body, background, signal }`. A background request does
 *                 not keep the process alive.
 * @returns `{ status, headers, body }`; fails with a SidecarError.
 */
async function exchange(line, request, deadline) {
  const { background, signal = line.closing } = request;
  await line.places.enter(deadline.left(), { background, signal });
  try {
    return await sent(line, { ...request, signal }, deadline);
  } finally {
    line.places.leave();
  }
}

function sent({ agent, socketPath }, request, deadline) {
  const { method, path, headers = {}, body, background = false, signal } = request;
  return new Promise((resolve, reject) => {
    const left = deadline.left();
    const message = http.request({
      agent,
      method,
      path,
      host: 'localhost',
      headers:
        body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
      patienceMs: Math.max(left - patienceMarginMs, 0),
      background,
    });
    const late = () => {
      const what = `wixtokend (${socketPath}) did not answer in time: is it stopped or overloaded?`;
      done(new SidecarError('timed_out', what, { retryable: true }));
    };
    const due = () => (message.socket ? late() : arm(late, verdictMs));
    const aborted = () => done(new SidecarError('closed', 'the request was given up'));
    let timer;

    function arm(then, lengthMs) {
      timer = setTimeout(then, lengthMs);
      if (background) timer.unref();
    }

    function done(error, answer) {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      if (!error) return resolve(answer);
      reject(error);
      message.destroy();
    }

    message.on('error', (error) => done(described(error, socketPath)));
    arm(due, left);
    if (signal?.aborted) return aborted();
    signal?.addEventListener('abort', aborted);
    message.on('socket', (socket) => (background ? socket.unref() : socket.ref()));
    message.on('response', (answer) => {
      answer.on('error', (error) => done(described(error, socketPath)));
      collect(answer, socketPath, done);
    });
    message.end(body);
  });
}

module.exports = { exchange };
