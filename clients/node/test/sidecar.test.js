'use strict';
// Tokens from the daemon, and the copy that the process keeps.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');

const { Sidecar, sidecarStrategy } = require('../lib/index.js');
const { errorAnswer, fakeDaemon, instanceId, tokenAnswer } = require('./fake_daemon.js');
const { shiftedClocks } = require('./shifted_clocks.js');

function connect(t, daemon, options = {}) {
  const sidecar = new Sidecar({ socketPath: daemon.socketPath, timeoutMs: 2000, ...options });
  t.after(() => sidecar.close());
  return sidecar;
}

test('a token is asked for once, and then taken from the copy', async (t) => {
  const daemon = await fakeDaemon(t);
  const sidecar = connect(t, daemon);
  for (let i = 0; i < 3; ++i) assert.equal(await sidecar.token(instanceId), 'token-1');
  assert.equal(daemon.requests.length, 1);
  assert.match(daemon.requests[0].url, /^\/v1\/instances\/[0-9a-f-]{36}\/token\?wait=1\.9\d\d$/);
  assert.equal(sidecar.activeToken(instanceId), 'token-1');
});

test('a thousand callers at once share one question', async (t) => {
  const daemon = await fakeDaemon(t);
  const strategies = Array.from({ length: 1000 }, () =>
    sidecarStrategy({ instanceId, socketPath: daemon.socketPath }),
  );
  const found = await Promise.all(strategies.map((strategy) => strategy.getAuthHeaders()));
  assert.equal(new Set(found.map(({ headers }) => headers.Authorization)).size, 1);
  assert.equal(daemon.requests.length, 1);
});

test('a thousand callers at once share one refusal', async (t) => {
  const daemon = await fakeDaemon(t, errorAnswer(404, 'unknown_instance'));
  const sidecar = connect(t, daemon);
  const calls = Array.from({ length: 1000 }, () => sidecar.token(instanceId));
  const ends = await Promise.allSettled(calls);
  assert.ok(ends.every(({ reason }) => reason?.code === 'unknown_instance'));
  assert.equal(daemon.requests.length, 1);
});

test('a thousand instances at once take sixteen connections', async (t) => {
  const daemon = await fakeDaemon(t, ({ url }) =>
    tokenAnswer(1, { body: { instance_id: url.split('/')[3] } }),
  );
  const sidecar = connect(t, daemon, { timeoutMs: 20_000 });
  const ids = Array.from({ length: 1000 }, (_, n) => instanceId.slice(0, -4) + (1000 + n));
  await Promise.all(ids.map((id) => sidecar.token(id)));
  assert.equal(daemon.requests.length, 1000);
  assert.ok(daemon.connections <= 16, `${daemon.connections} connections`);
});

test('who waits for a connection waits no longer than it has time', async (t) => {
  const daemon = await fakeDaemon(t, () => undefined);
  const sidecar = connect(t, daemon, { timeoutMs: 200 });
  const ids = Array.from({ length: 40 }, (_, n) => instanceId.slice(0, -2) + (10 + n));
  const ends = await Promise.allSettled(ids.map((id) => sidecar.token(id)));
  assert.ok(ends.every(({ reason }) => reason?.code === 'timed_out'));
  daemon.answer = tokenAnswer(1);
  assert.equal(await sidecar.token(instanceId), 'token-1'); // the places are free again
});

test('a daemon that is about to be restarted is asked again soon', async (t) => {
  const stopping = errorAnswer(503, 'stopping', { retryable: true, retry_after: 1 });
  const daemon = await fakeDaemon(t, () =>
    daemon.requests.length < 3 ? stopping : tokenAnswer(1),
  );
  const sidecar = connect(t, daemon, { timeoutMs: 900 });
  assert.equal(await sidecar.token(instanceId), 'token-1');
});

test('the app is part of the path, and instance ids may be written in either case', async (t) => {
  const daemon = await fakeDaemon(t);
  const sidecar = connect(t, daemon, { app: 'a b' });
  const letters = 'ABCDEF00-0000-4000-8000-000000000001';
  daemon.answer = tokenAnswer(1, { body: { instance_id: letters.toLowerCase() } });
  await sidecar.token(letters);
  assert.ok(
    daemon.requests[0].url.startsWith(`/v1/apps/a%20b/instances/${letters.toLowerCase()}/`),
  );
});

test('a copy that ends is replaced', async (t) => {
  const advance = shiftedClocks(t);
  const daemon = await fakeDaemon(t, tokenAnswer(1, { expires_in: 60 }));
  const sidecar = connect(t, daemon);
  await sidecar.token(instanceId);
  advance(50_000);
  assert.equal(await sidecar.token(instanceId), 'token-1');
  assert.equal(daemon.requests.length, 1);
  advance(10_000);
  daemon.answer = tokenAnswer(2);
  assert.equal(sidecar.activeToken(instanceId), undefined);
  assert.equal(await sidecar.token(instanceId), 'token-2');
});

test('a machine that slept is noticed by its wall clock', async (t) => {
  const daemon = await fakeDaemon(t, tokenAnswer(1, { expires_in: 60 }));
  const sidecar = connect(t, daemon);
  await sidecar.token(instanceId);
  const now = Date.now();
  t.mock.method(Date, 'now', () => now + 61_000);
  assert.equal(sidecar.activeToken(instanceId), undefined);
});

test('the life is bounded by the date as well as by the length', async (t) => {
  const past = Date.now() / 1000 - 1;
  const daemon = await fakeDaemon(t, tokenAnswer(1, { body: { expires_at: past } }));
  const sidecar = connect(t, daemon);
  await sidecar.token(instanceId);
  assert.equal(sidecar.activeToken(instanceId), undefined);
});

test('near its end the copy is used once more when the daemon is away', async (t) => {
  const advance = shiftedClocks(t);
  const daemon = await fakeDaemon(t, tokenAnswer(1, { expires_in: 60 }));
  const sidecar = connect(t, daemon, { timeoutMs: 50 });
  await sidecar.token(instanceId);
  await daemon.stop();
  advance(56_000);
  assert.equal(await sidecar.token(instanceId), 'token-1');
  advance(4_000);
  await assert.rejects(sidecar.token(instanceId), { code: 'socket_missing' });
});

test('with maxAgeMs the daemon is asked whether the copy is current', async (t) => {
  const daemon = await fakeDaemon(t);
  const sidecar = connect(t, daemon, { maxAgeMs: 0 });
  await sidecar.token(instanceId);
  daemon.answer = { status: 304, headers: { etag: '"1"' } };
  assert.equal(await sidecar.token(instanceId), 'token-1');
  assert.equal(daemon.requests[1].headers['if-none-match'], '"1"');
  daemon.answer = tokenAnswer(2);
  assert.equal(await sidecar.token(instanceId), 'token-2');
});

test('once the daemon should have a newer token, it is looked for beside the calls', async (t) => {
  const refreshAt = Date.now() / 1000 - 1;
  const daemon = await fakeDaemon(t, tokenAnswer(1, { body: { refresh_at: refreshAt } }));
  const sidecar = connect(t, daemon);
  await sidecar.token(instanceId);
  daemon.answer = tokenAnswer(2);
  assert.equal(await sidecar.token(instanceId), 'token-1'); // it does not wait
  while (sidecar.activeToken(instanceId) !== 'token-2') await sleep(5);
  assert.equal(await sidecar.token(instanceId), 'token-2');
  assert.equal(daemon.requests.length, 2);
});

test('minValidMs is asked of the copy, then of the daemon', async (t) => {
  const daemon = await fakeDaemon(t, tokenAnswer(1, { expires_in: 60 }));
  const sidecar = connect(t, daemon);
  await sidecar.token(instanceId);
  daemon.answer = tokenAnswer(2, { expires_in: 600 });
  assert.equal(await sidecar.token(instanceId, { minValidMs: 120_000 }), 'token-2');
  assert.match(daemon.requests[1].url, /min_valid=120\.000&wait=/);
});

test('a caller with more time goes on where one with less has given up', async (t) => {
  const slow = () => sleep(300).then(() => tokenAnswer(1));
  const daemon = await fakeDaemon(t, slow);
  const sidecar = connect(t, daemon);
  const hasty = assert.rejects(sidecar.token(instanceId, { timeoutMs: 100 }), {
    code: 'timed_out',
  });
  assert.equal(await sidecar.token(instanceId, { timeoutMs: 2000 }), 'token-1');
  await hasty;
});

test('a rejected token is replaced once, however many report it', async (t) => {
  const daemon = await fakeDaemon(t);
  const sidecar = connect(t, daemon);
  await sidecar.token(instanceId);
  daemon.answer = ({ method }) => (method === 'POST' ? tokenAnswer(2) : tokenAnswer(1));
  const reports = Array.from({ length: 50 }, () => sidecar.reject(instanceId, 'token-1'));
  assert.deepEqual(new Set(await Promise.all(reports)), new Set(['token-2']));
  assert.equal(daemon.requests.length, 2);
  assert.equal(daemon.requests[1].body, '{"generation":1}');
  assert.equal(await sidecar.reject(instanceId, 'token-1'), 'token-2'); // late: the copy is newer
  assert.equal(await sidecar.reject(instanceId, 'of somebody else'), undefined);
  assert.equal(daemon.requests.length, 2);
});

test('while a replacement is on its way, nobody gets the rejected token', async (t) => {
  const daemon = await fakeDaemon(t);
  const sidecar = connect(t, daemon);
  await sidecar.token(instanceId);
  daemon.answer = () => sleep(50).then(() => tokenAnswer(2));
  const report = sidecar.reject(instanceId, 'token-1');
  assert.equal(sidecar.activeToken(instanceId), undefined);
  assert.equal(await sidecar.token(instanceId), 'token-2');
  assert.equal(await report, 'token-2');
  assert.equal(daemon.requests.length, 2);
});

test('a copy that is refused while the daemon confirms it is not used, and no call fails', async (t) => {
  const daemon = await fakeDaemon(t);
  const sidecar = connect(t, daemon, { maxAgeMs: 0 });
  await sidecar.token(instanceId);
  let confirm;
  daemon.answer = ({ method, headers }) => {
    if (method === 'POST') return tokenAnswer(2);
    return headers['if-none-match'] === '"1"'
      ? new Promise((resolve) => (confirm = () => resolve({ status: 304 })))
      : tokenAnswer(2);
  };
  const call = sidecar.token(instanceId);
  while (!confirm) await sleep(5);
  const report = sidecar.reject(instanceId, 'token-1');
  confirm();
  assert.equal(await call, 'token-2');
  assert.equal(await report, 'token-2');
});

test('a token that is held off is used on, but asked about again soon', async (t) => {
  const daemon = await fakeDaemon(t);
  const sidecar = connect(t, daemon);
  const advance = shiftedClocks(t);
  await sidecar.token(instanceId);
  const heldOff = errorAnswer(429, 'rejection_hold_off', { retryable: true, retry_after: 10 });
  const stale = tokenAnswer(1, { headers: { 'x-cache': 'STALE' } });
  daemon.answer = ({ method }) => (method === 'POST' ? heldOff : stale);
  await assert.rejects(sidecar.reject(instanceId, 'token-1'), { code: 'rejection_hold_off' });
  assert.equal(await sidecar.token(instanceId), 'token-1');
  assert.equal(await sidecar.token(instanceId), 'token-1');
  assert.equal(daemon.requests.length, 3);
  daemon.answer = tokenAnswer(2);
  advance(1_000);
  assert.equal(await sidecar.token(instanceId), 'token-2');
});

test('a daemon with a short limit for waits is asked for less', async (t) => {
  const daemon = await fakeDaemon(t, ({ url }) =>
    Number(new URL(url, 'http://h').searchParams.get('wait')) > 1
      ? errorAnswer(400, 'invalid_parameter')
      : tokenAnswer(1),
  );
  const sidecar = connect(t, daemon);
  assert.equal(await sidecar.token(instanceId), 'token-1');
});

test('closing ends calls that are under way, and all that come later', async (t) => {
  const daemon = await fakeDaemon(t, () => undefined);
  const sidecar = connect(t, daemon);
  const call = assert.rejects(sidecar.token(instanceId), { code: 'closed' });
  await sleep(20);
  sidecar.close();
  await call;
  await assert.rejects(sidecar.token(instanceId), { code: 'closed' });
});

test('what cannot be meant is refused where it is said', () => {
  assert.throws(() => sidecarStrategy({ instanceId: 'main' }), /instanceId must be/);
  assert.throws(() => new Sidecar({ socketPath: 'relative.sock' }), /absolute path/);
  assert.throws(() => new Sidecar({ timeoutMs: 0 }), /timeoutMs must be/);
  assert.throws(() => new Sidecar({ timeoutMs: '5s' }), /timeoutMs must be/);
  assert.throws(() => new Sidecar({ app: '' }), /app must be/);
  assert.throws(() => new Sidecar({ socketOwner: 'nobody-of-that-name' }), /there is no user/);
});
