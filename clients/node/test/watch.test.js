'use strict';
// Following an instance's token in the background.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const { test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { promisify } = require('node:util');

const { Sidecar, sidecarStrategy } = require('../lib/index.js');
const { errorAnswer, fakeDaemon, instanceId, tokenAnswer } = require('./fake_daemon.js');

/** A daemon that holds watches until `tell` gives them an answer. */
async function holding(t) {
  const daemon = await fakeDaemon(t);
  let held = [];
  daemon.current = tokenAnswer(1);
  daemon.answer = ({ headers }) => {
    if (headers['if-none-match'] !== daemon.current.headers.etag) return daemon.current;
    return new Promise((resolve) => held.push(resolve));
  };
  daemon.tell = (answer) => {
    if (answer.status === 200) daemon.current = answer;
    for (const resolve of held) resolve(answer);
    held = [];
  };
  daemon.held = async (count) => {
    while (held.length !== count) await sleep(5);
  };
  return daemon;
}

async function until(condition) {
  for (const end = performance.now() + 5000; !condition(); await sleep(5)) {
    assert.ok(performance.now() < end, 'it does not come about');
  }
}

test('a newer token is there before anybody asks', async (t) => {
  const daemon = await holding(t);
  const auth = sidecarStrategy({ instanceId, socketPath: daemon.socketPath, watch: true });
  t.after(() => auth.close());
  await daemon.held(1);
  assert.equal(auth.getActiveToken(), 'token-1');
  assert.equal(daemon.requests.at(-1).headers.prefer, 'wait=60');
  daemon.tell(tokenAnswer(2));
  await daemon.held(1);
  assert.equal((await auth.getAuthHeaders()).headers.Authorization, 'token-2');
  assert.equal(daemon.requests.length, 3); // none of them because of the call
});

test('a token that was held back is not counted from the question, nor beyond its date', async (t) => {
  const daemon = await holding(t);
  const sidecar = new Sidecar({ socketPath: daemon.socketPath });
  t.after(() => sidecar.close());
  sidecar.watch(instanceId);
  await daemon.held(1);
  await sleep(300);
  daemon.tell(tokenAnswer(2, { expires_in: 0.25 }));
  await daemon.held(1);
  assert.equal(sidecar.activeToken(instanceId), 'token-2');
});

test('one watch serves all strategies of the instance, and ends with the last', async (t) => {
  const daemon = await holding(t);
  const options = { instanceId, socketPath: daemon.socketPath, watch: true };
  const strategies = [sidecarStrategy(options), sidecarStrategy(options)];
  await daemon.held(1);
  strategies[0].close();
  strategies[0].close(); // once more does nothing
  daemon.tell(tokenAnswer(2));
  await daemon.held(1);
  strategies[1].close();
  daemon.tell(tokenAnswer(3));
  await sleep(50);
  assert.equal(strategies[1].getActiveToken(), 'token-2');
  await daemon.held(0);
});

test('a daemon that is restarted is found again, and nothing fails meanwhile', async (t) => {
  const daemon = await holding(t);
  const auth = sidecarStrategy({ instanceId, socketPath: daemon.socketPath, watch: true });
  t.after(() => auth.close());
  await daemon.held(1);
  await daemon.stop();
  assert.equal((await auth.getAuthHeaders()).headers.Authorization, 'token-1');
  daemon.current = tokenAnswer(2);
  await daemon.start();
  await until(() => auth.getActiveToken() === 'token-2');
});

test('what is withdrawn is not used any more', async (t) => {
  for (const [status, code] of [
    [403, 'access_denied'],
    [404, 'unknown_instance'],
  ]) {
    const daemon = await holding(t);
    const auth = sidecarStrategy({ instanceId, socketPath: daemon.socketPath, watch: true });
    await daemon.held(1);
    daemon.tell(errorAnswer(status, code));
    await until(() => auth.getActiveToken() === undefined);
    auth.close();
  }
});

test('a daemon that answers at once is not asked without pause', async (t) => {
  const daemon = await fakeDaemon(t, ({ headers }) =>
    headers['if-none-match'] ? { status: 304 } : tokenAnswer(1),
  );
  const sidecar = new Sidecar({ socketPath: daemon.socketPath });
  t.after(() => sidecar.close());
  sidecar.watch(instanceId);
  await sleep(300);
  assert.ok(daemon.requests.length <= 3, `${daemon.requests.length} requests`);
});

test('neither a watch nor an idle connection keeps the process alive', async (t) => {
  const daemon = await holding(t);
  const script = `
    const { sidecarStrategy } = require(${JSON.stringify(require.resolve('../lib/index.js'))});
    const auth = sidecarStrategy({ instanceId: '${instanceId}', watch: true });
    auth.getAuthHeaders().then(({ headers }) => console.log(headers.Authorization));`;
  const env = { ...process.env, WIXTOKEN_SOCKET: daemon.socketPath };
  const run = await promisify(execFile)(process.execPath, ['-e', script], { env, timeout: 10_000 });
  assert.equal(run.stdout, 'token-1\n');
});
