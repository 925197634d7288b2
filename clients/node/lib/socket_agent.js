'use strict';
// Connections to the daemon's socket: looks at what is there before each one, and waits for a
// socket that is not there yet.

const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');

const { Deadline } = require('./deadline.js');
const { SidecarError } = require('./errors.js');
const { ownerMistake } = require('./socket_owner.js');

const pathBytesMax = 107; // sun_path, with its closing zero
const pauseMinMs = 10;
const pauseMaxMs = 250;
const freeMax = 16; // connections that are kept for the next request

// The daemon is not there yet, or is being restarted (ECONNRESET: it closed its socket before it
// had taken the connection); EAGAIN: more connect than it can accept.
const passing = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EAGAIN', 'EPIPE']);

/** What is wrong with the file at this path, whatever may happen to it later. */
function pathMistake(socketPath, owners) {
  if (Buffer.byteLength(socketPath) > pathBytesMax) {
    const why = `the path of a socket may have ${pathBytesMax} bytes at most`;
    return new SidecarError('not_a_socket', `cannot connect to ${socketPath}: ${why}`);
  }
  let status;
  try {
    status = fs.statSync(socketPath);
  } catch {
    return undefined; // connecting will tell
  }
  if (!status.isSocket()) {
    const kind = status.isDirectory() ? 'a directory' : 'no socket';
    return new SidecarError(
      'not_a_socket',
      `${socketPath} is ${kind}: give the path of the daemon's socket, ` +
        '[[socket]] path in its configuration, as `socketPath` or WIXTOKEN_SOCKET',
    );
  }
  return ownerMistake(socketPath, status.uid, owners);
}

/** The error for a connection that did not come about. */
function connectMistake(socketPath, cause) {
  const facts = { cause, retryable: passing.has(cause.code) };
  switch (cause.code) {
    case 'ENOENT':
      return new SidecarError(
        'socket_missing',
        `there is no socket at ${socketPath}: start wixtokend, or give the path of its socket as ` +
          '`socketPath` or WIXTOKEN_SOCKET',
        facts,
      );
    case 'EACCES':
    case 'EPERM':
      return new SidecarError(
        'permission_denied',
        `this user (uid ${process.getuid()}) may not connect to ${socketPath}: ` +
          "join the socket's group, or look at the rights of the socket and of its folders",
        facts,
      );
    default:
      if (passing.has(cause.code)) {
        const what = `nobody takes connections at ${socketPath} (${cause.code})`;
        return new SidecarError('not_listening', `${what}: is wixtokend running?`, facts);
      }
      return new SidecarError(
        'not_listening',
        `cannot connect to ${socketPath}: ${cause.message}`,
        facts,
      );
  }
}

// Tries until it is connected, the mistake is one that stays, or the patience is over.
function connect(socketPath, owners, { patienceMs, background }, done) {
  const deadline = new Deadline(patienceMs);
  let wait = pauseMinMs;
  const attempt = () => {
    const mistake = pathMistake(socketPath, owners);
    if (mistake) return done(mistake);
    const socket = net.connect(socketPath);
    if (background) socket.unref();
    const failed = (cause) => {
      const left = deadline.left();
      if (!passing.has(cause.code) || left === 0) return done(connectMistake(socketPath, cause));
      const timer = setTimeout(attempt, Math.min(wait, left));
      if (background) timer.unref();
      wait = Math.min(wait * 2, pauseMaxMs);
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.removeListener('error', failed);
      done(null, socket);
    });
  };
  attempt();
}

/**
 * An agent whose requests all go to one socket. A request says in its options how long it waits for
 * the socket (`patienceMs`, 0 by default), and whether it is one that nobody waits for
 * (`background`).
 */
class SocketAgent extends http.Agent {
  #socketPath;
  #owners;

  constructor(socketPath, owners) {
    super({ keepAlive: true, maxFreeSockets: freeMax });
    this.#socketPath = socketPath;
    this.#owners = owners;
  }

  getName() {
    return this.#socketPath;
  }

  createConnection({ patienceMs = 0, background = false }, done) {
    // Never at once: the request is not yet ready to hear of a failure.
    process.nextTick(connect, this.#socketPath, this.#owners, { patienceMs, background }, done);
  }
}

module.exports = { SocketAgent };
