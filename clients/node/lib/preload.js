'use strict';
// For applications that are not to be changed: node --import @wixtokend/client/preload app.js
// (--require with older Nodes). Their token calls go to the daemon's socket, everything else goes
// where it went.
//
// WIXTOKEN_SOCKET: the socket's path; WIXTOKEN_SOCKET_OWNER: who must own it;
// WIXTOKEN_TIMEOUT_MS: how long a call may take.

const { setMaxListeners } = require('node:events');
const http = require('node:http');
const https = require('node:https');
const { syncBuiltinESMExports } = require('node:module');

const { socketOwnerFrom, socketPathFrom, timeoutFrom } = require('./environment.js');
const { Places } = require('./places.js');
const { redirectFetch } = require('./redirected_fetch.js');
const { redirectRequests } = require('./redirected_requests.js');
const { SocketAgent } = require('./socket_agent.js');
const { allowedOwners } = require('./socket_owner.js');

const callsMax = 16;

// Both `--import` and `--require`, or a worker that inherits the option: once is enough.
const done = Symbol.for('@wixtokend/client/preload');

if (!globalThis[done]) {
  globalThis[done] = true;
  const socketPath = socketPathFrom();
  const agent = new SocketAgent(socketPath, allowedOwners(socketOwnerFrom()));
  const closing = new AbortController().signal; // never: it ends with the process
  setMaxListeners(0, closing);
  const line = { agent, places: new Places(callsMax), socketPath, closing };
  globalThis.fetch = redirectFetch(globalThis.fetch, line, timeoutFrom());
  redirectRequests({ http, https }, line, timeoutFrom());
  syncBuiltinESMExports(); // for `import { request } from 'node:https'`
}
