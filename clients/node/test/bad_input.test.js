'use strict';
// What is not a socket, not the daemon's, or not an answer: an error that says what to do, in time.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');

const { Sidecar } = require('../lib/index.js');
const { errorAnswer, fakeDaemon, instanceId, tokenAnswer } = require('./fake_daemon.js');

const timeoutMs = 300;

/** Asks once. The error must come in time, have this code, and say what to do. */
async function refused(t, options, code, advice) {
  const sidecar = new Sidecar({ timeoutMs, ...options });
  t.after(() => sidecar.close());
  const start = performance.now();
  const error = await sidecar.token(instanceId).then(assert.fail, (failure) => failure);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, advice);
  assert.doesNotMatch(error.message, /token-1/);
  assert.ok(performance.now() - start < timeoutMs + 1000);
  return error;
}

test('nothing at the path', async (t) => {
  const daemon = await fakeDaemon(t);
  const socketPath = path.join(daemon.folder, 'elsewhere.sock');
  const error = await refused(
    t,
    { socketPath },
    'socket_missing',
    /start wixtokend, or give the path/,
  );
  assert.ok(error.message.includes(socketPath));
  assert.equal(error.retryable, true);
});

test('a directory, and a file', async (t) => {
  const { folder } = await fakeDaemon(t);
  await refused(t, { socketPath: folder }, 'not_a_socket', /is a directory: give the path of/);
  const socketPath = path.join(folder, 'file');
  fs.writeFileSync(socketPath, '');
  await refused(t, { socketPath }, 'not_a_socket', /is no socket: give the path of/);
});

test('a path that is too long for a socket', async (t) => {
  const socketPath = `/tmp/${'a'.repeat(110)}.sock`;
  await refused(t, { socketPath }, 'not_a_socket', /may have 107 bytes/);
});

test('a socket that nobody listens on', async (t) => {
  const { folder } = await fakeDaemon(t);
  const socketPath = path.join(folder, 'left-behind.sock');
  const script = `require('net').createServer().listen(${JSON.stringify(socketPath)},
    () => process.kill(process.pid, 'SIGKILL'))`;
  assert.throws(() => execFileSync(process.execPath, ['-e', script]));
  assert.ok(fs.statSync(socketPath).isSocket());
  await refused(t, { socketPath }, 'not_listening', /is wixtokend running\?/);
});

test('a socket of another owner', async (t) => {
  const { socketPath, requests } = await fakeDaemon(t);
  const socketOwner = process.getuid() + 1;
  await refused(t, { socketPath, socketOwner }, 'wrong_owner', /name it as `socketOwner`/);
  assert.equal(requests.length, 0);
});

test('the owners that are taken', async (t) => {
  const { socketPath } = await fakeDaemon(t);
  const uid = process.getuid();
  for (const socketOwner of [undefined, uid, String(uid), [uid + 1, uid], 'any']) {
    const sidecar = new Sidecar({ socketPath, socketOwner });
    t.after(() => sidecar.close());
    assert.equal(await sidecar.token(instanceId), 'token-1');
  }
});

test(
  "root's socket, and one of a stranger, as nobody sees them",
  { skip: process.getuid() !== 0 && 'it takes root to be another user' },
  async (t) => {
    const daemon = await fakeDaemon(t);
    const { folder, socketPath } = daemon;
    fs.chmodSync(folder, 0o755);
    fs.chmodSync(socketPath, 0o600);
    const script = `
    const { Sidecar } = require(${JSON.stringify(require.resolve('../lib/index.js'))});
    process.setgroups([]); process.setgid(65534); process.setuid(65534);
    const sidecar = new Sidecar({ timeoutMs: 2000, socketPath: ${JSON.stringify(socketPath)} });
    sidecar.token('${instanceId}').then(console.log, (error) => console.log(error.message));`;
    const seen = async () => {
      const { promisify } = require('node:util');
      const run = promisify(require('node:child_process').execFile);
      return (await run(process.execPath, ['-e', script])).stdout.trim();
    };
    assert.match(await seen(), /this user \(uid 65534\) may not connect.*join the socket's group/);
    fs.chmodSync(socketPath, 0o666);
    assert.equal(await seen(), 'token-1');
    fs.chownSync(socketPath, 12345, 12345);
    assert.match(await seen(), /belongs to uid 12345, but must belong to 0 or 65534/);
  },
);

test('a daemon that does not answer', async (t) => {
  const { socketPath } = await fakeDaemon(t, () => undefined);
  await refused(t, { socketPath }, 'timed_out', /stopped or overloaded/);
});

test('a daemon that is not ready tells why, and is waited for', async (t) => {
  const upstream = { status: 503, code: 'BUSY', message: 'try later', request_id: 'w-7' };
  const unavailable = errorAnswer(503, 'unavailable', {
    retryable: true,
    retry_after: 2,
    upstream,
  });
  const daemon = await fakeDaemon(t, unavailable);
  const said =
    /503 unavailable: about unavailable; Wix said: 503 BUSY try later, request id w-7 \(request r-1\)/;
  const error = await refused(t, { socketPath: daemon.socketPath }, 'unavailable', said);
  assert.deepEqual(error.upstream, {
    status: 503,
    code: 'BUSY',
    message: 'try later',
    requestId: 'w-7',
  });
  assert.deepEqual([error.status, error.requestId, error.retryAfter], [503, 'r-1', 2]);

  const ended = errorAnswer(504, 'wait_ended', { retryable: true });
  daemon.answer = () => (daemon.requests.length < 4 ? ended : tokenAnswer(1));
  const sidecar = new Sidecar({ socketPath: daemon.socketPath });
  t.after(() => sidecar.close());
  assert.equal(await sidecar.token(instanceId), 'token-1');
});

test('a connection that breaks while it is being made is made again', async (t) => {
  const daemon = await fakeDaemon(t);
  const { connect } = net;
  const broken = ['ECONNRESET', 'EAGAIN', 'EPIPE'];
  t.mock.method(net, 'connect', (...args) => {
    const code = broken.pop();
    if (!code) return connect(...args);
    const socket = new net.Socket();
    process.nextTick(() => socket.emit('error', Object.assign(new Error(code), { code })));
    return socket;
  });
  const sidecar = new Sidecar({ socketPath: daemon.socketPath, timeoutMs: 2000 });
  t.after(() => sidecar.close());
  assert.equal(await sidecar.token(instanceId), 'token-1');
  assert.deepEqual(broken, []);
});

test('a daemon that starts late is waited for', async (t) => {
  const daemon = await fakeDaemon(t);
  await daemon.stop();
  const sidecar = new Sidecar({ socketPath: daemon.socketPath });
  t.after(() => sidecar.close());
  const call = sidecar.token(instanceId);
  await sleep(100);
  await daemon.start();
  assert.equal(await call, 'token-1');
});

test('an answer that is no HTTP, or is cut', async (t) => {
  const { folder } = await fakeDaemon(t);
  const socketPath = path.join(folder, 'other.sock');
  let bytes = 'SSH-2.0-OpenSSH\r\n';
  const server = net.createServer((socket) => socket.on('error', () => {}).end(bytes));
  await new Promise((resolve) => server.listen(socketPath, resolve));
  t.after(() => server.close());
  await refused(t, { socketPath }, 'malformed_answer', /no HTTP .*Is it another program's socket/);
  bytes = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"access';
  await refused(t, { socketPath }, 'connection_lost', /broke/);
});

test('an answer without end', async (t) => {
  const { socketPath } = await fakeDaemon(t, { status: 200, body: 'x'.repeat(300_000) });
  await refused(t, { socketPath }, 'malformed_answer', /longer than 262144 bytes/);
});

test('answers of another version, or that are cut short of what is needed', async (t) => {
  const daemon = await fakeDaemon(t);
  const { socketPath } = daemon;
  const wrong = [
    [{ access_token: undefined }, /access_token/],
    [{ access_token: 'a\r\nb: c' }, /access_token/],
    [{ access_token: 7 }, /access_token/],
    [{ expires_in: undefined }, /expires_in/],
    [{ expires_in: '60' }, /expires_in/],
    [{ expires_in: -1 }, /expires_in/],
    [{ generation: undefined }, /generation/],
    [{ instance_id: '00000000-0000-4000-8000-000000000002' }, /instance_id/],
  ];
  for (const [body, what] of wrong) {
    daemon.answer = tokenAnswer(1, { body });
    await refused(t, { socketPath }, 'other_version', what);
  }
  for (const body of ['', '[]', 'null', '{"access_token"']) {
    daemon.answer = { status: 200, body };
    await refused(t, { socketPath }, 'other_version', /Upgrade the older of the two/);
  }
  daemon.answer = { status: 304 };
  await refused(t, { socketPath }, 'other_version', /status 304/);
  daemon.answer = { status: 500, body: '<html>' };
  await refused(t, { socketPath }, 'other_version', /status 500/);
  daemon.answer = errorAnswer(404, 'unknown_path');
  await refused(t, { socketPath }, 'other_version', /upgrade the older one/);
});

test('what the daemon refuses is told with what to do', async (t) => {
  const daemon = await fakeDaemon(t);
  const { socketPath } = daemon;
  daemon.answer = errorAnswer(403, 'access_denied');
  const error = await refused(t, { socketPath }, 'access_denied', /\[\[access\]\]/);
  assert.deepEqual([error.name, error.status, error.retryable], ['SidecarError', 403, false]);
  daemon.answer = errorAnswer(502, 'app_refused', { error_description: 'a\nb' });
  await refused(
    t,
    { socketPath },
    'app_refused',
    /502 app_refused: a b \(request r-1\).*app_secret_file/,
  );
});
