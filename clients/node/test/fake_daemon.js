'use strict';
// A scripted daemon on a socket of its own, for what the real one never does. Not a test.

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');

const instanceId = '00000000-0000-4000-8000-000000000001';

/** The answer to a request for a token; `more` replaces members. */
function tokenAnswer(generation, more = {}) {
  const expiresIn = more.expires_in ?? 3600;
  return {
    status: 200,
    headers: { etag: `"${generation}"`, 'x-request-id': 'r-1', 'x-cache': 'HIT', ...more.headers },
    body: {
      access_token: `token-${generation}`,
      token_type: 'Bearer',
      expires_in: expiresIn,
      expires_at: Date.now() / 1000 + expiresIn,
      upstream_expires_at: Date.now() / 1000 + expiresIn,
      refresh_at: Date.now() / 1000 + 1800,
      instance_id: instanceId,
      generation,
      ...more.body,
    },
  };
}

function errorAnswer(status, error, more = {}) {
  const body = { error, error_description: `about ${error}`, retryable: false, ...more };
  return { status, headers: { 'x-request-id': 'r-1' }, body };
}

/**
 * Starts one. `daemon.answer` is what requests get: an object as above, or a function of
 * `{ method, url, headers, body }` that gives one, a promise of one, or undefined: no answer at
 * all.
 */
class FakeDaemon {
  requests = [];
  connections = 0;
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wixtokend-client-'));
  socketPath = path.join(this.folder, 'wixtokend.sock');
  answer = tokenAnswer(1);
  #server;

  async start() {
    this.#server = http.createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      const { method, url, headers } = request;
      const asked = { method, url, headers, body };
      this.requests.push(asked);
      const answer = typeof this.answer === 'function' ? await this.answer(asked) : this.answer;
      if (!answer) return;
      response.writeHead(answer.status, answer.headers);
      const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      response.end(answer.status === 304 ? undefined : text);
    });
    this.#server.on('connection', () => ++this.connections);
    await new Promise((resolve) => this.#server.listen(this.socketPath, resolve));
    return this;
  }

  async stop() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async remove() {
    if (this.#server?.listening) await this.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A daemon for one test. */
async function fakeDaemon(t, answer) {
  const daemon = await new FakeDaemon().start();
  if (answer !== undefined) daemon.answer = answer;
  t.after(() => daemon.remove());
  return daemon;
}

module.exports = { errorAnswer, fakeDaemon, instanceId, tokenAnswer };
