'use strict';
// The preload: an unmodified application's token calls go to the socket, and nothing else does.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');

const { Places } = require('../lib/places.js');
const { redirectFetch } = require('../lib/redirected_fetch.js');
const { SocketAgent } = require('../lib/socket_agent.js');
const { errorAnswer, fakeDaemon } = require('./fake_daemon.js');

const minted = {
  status: 200,
  headers: { 'x-wix-request-id': 'r-1' },
  body: { access_token: 't-1', expires_in: 300 },
};
const mint = JSON.stringify({
  grant_type: 'client_credentials',
  client_id: 'a',
  client_secret: 's',
});
const tokenUrl = 'https://www.wixapis.com/oauth2/token';
const post = (body, more = {}) => ({ method: 'POST', body, ...more });

/** A redirected fetch, and what it has let through. */
function redirected(t, daemon, timeoutMs = 2000) {
  const agent = new SocketAgent(daemon.socketPath, undefined);
  t.after(() => agent.destroy());
  const passed = [];
  const direct = async (...args) => (passed.push(args), new Response('direct'));
  const line = { agent, places: new Places(4), socketPath: daemon.socketPath };
  return { passed, fetch: redirectFetch(direct, line, timeoutMs) };
}

test('token calls go to the daemon, however they are written', async (t) => {
  const daemon = await fakeDaemon(t, minted);
  const { passed, fetch } = redirected(t, daemon);
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  const json = { 'Content-Type': 'application/json', Origin: 'https://app.example' };
  const calls = [
    [tokenUrl, post(mint, { headers: json })],
    [`${tokenUrl}/?a=b`, post(mint)],
    [new URL(tokenUrl), post(form)],
    [new Request(tokenUrl, post(mint))],
    [tokenUrl, post(Buffer.from(mint), { method: 'post' })],
    ['https://www.wixapis.com/oauth/access', post('{"grant_type":"refresh_token"}')],
  ];
  for (const call of calls) {
    const answer = await fetch(...call);
    assert.deepEqual(await answer.json(), minted.body);
    assert.equal(answer.headers.get('x-wix-request-id'), 'r-1');
  }
  assert.equal(passed.length, 0);
  const seen = daemon.requests.map(({ method, url }) => `${method} ${url}`);
  assert.deepEqual(seen.slice(0, 2), ['POST /oauth2/token', 'POST /oauth2/token/?a=b']);
  assert.equal(seen.at(-1), 'POST /oauth/access');
  assert.equal(daemon.requests[0].body, mint);
  assert.equal(daemon.requests[0].headers['content-type'], 'application/json');
  assert.equal(daemon.requests[0].headers.origin, undefined); // the daemon would refuse it
  assert.match(daemon.requests[2].headers['content-type'], /^application\/x-www-form-urlencoded/);
});

test('all else goes where it went, with the very arguments of the application', async (t) => {
  const daemon = await fakeDaemon(t, minted);
  const { passed, fetch } = redirected(t, daemon);
  const calls = [
    ['https://www.wixapis.com/apps/v1/instance', { headers: { a: 'b' } }],
    [tokenUrl, { method: 'GET' }],
    ['https://www.wixapis.com/oauth2/token-info', post('{"token":"t"}')],
    ['https://www.wixapis.com.evil.example/oauth2/token', post(mint)],
    ['http://www.wixapis.com/oauth2/token', post(mint)],
    [tokenUrl, post('{"grant_type":"anonymous"}')],
    [tokenUrl, post('{"grantType":"refresh_token"}')],
    [tokenUrl, post('not JSON')],
    ['/relative', undefined],
    [undefined, undefined],
  ];
  for (const call of calls) assert.equal(await (await fetch(...call)).text(), 'direct');
  assert.deepEqual(passed, calls);
  assert.ok(passed.every((args, i) => args[1] === calls[i][1]));
  await fetch(new Request(tokenUrl, post('{"grant_type":"anonymous"}')));
  assert.equal(await passed.at(-1)[0].text(), '{"grant_type":"anonymous"}');
  assert.equal(daemon.requests.length, 0);
});

test('an error of the daemon is the answer; only a restart is waited for', async (t) => {
  const daemon = await fakeDaemon(t, { status: 404, body: { error: 'invalid_grant' } });
  const { fetch } = redirected(t, daemon);
  assert.equal((await fetch(tokenUrl, post(mint))).status, 404);
  const stopping = errorAnswer(503, 'stopping', { retryable: true });
  daemon.answer = () => (daemon.requests.length < 4 ? stopping : minted);
  assert.equal((await fetch(tokenUrl, post(mint))).status, 200);
});

test('without a daemon it fails as fetch does, and says why', async (t) => {
  const daemon = await fakeDaemon(t);
  await daemon.stop();
  const { fetch } = redirected(t, daemon, 100);
  await assert.rejects(fetch(tokenUrl, post(mint)), (error) => {
    assert.ok(error instanceof TypeError);
    assert.match(error.message, /^fetch failed: there is no socket at .* start wixtokend/);
    return error.cause.code === 'socket_missing';
  });
  const signal = AbortSignal.abort(new Error('given up'));
  await assert.rejects(fetch(tokenUrl, post(mint, { signal })), /given up|abort/);
});

test('it works as --require, and as --import where Node has that', async (t) => {
  const daemon = await fakeDaemon(t, minted);
  const env = { ...process.env, WIXTOKEN_SOCKET: daemon.socketPath };
  const options = process.allowedNodeEnvironmentFlags.has('--import')
    ? ['--require', '--import']
    : ['--require'];
  for (const option of options) {
    daemon.requests.length = 0;
    const preload = path.join(__dirname, '../lib/preload.js');
    const args = [option, preload, path.join(__dirname, 'preload_app.mjs')];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 10_000 });
    const report = JSON.parse(stdout);
    assert.deepEqual(report, {
      fetch: 't-1',
      options: 't-1',
      url: 't-1',
      named: 't-1',
      other: 'direct',
    });
    assert.equal(daemon.requests.length, 4);
    assert.ok(daemon.requests.every(({ body }) => body === mint));
  }
});
