// What the real daemon refuses, as a caller of the client hears it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createClient } from '@wix/sdk';

import { Sidecar, SidecarError, sidecarStrategy } from '../../clients/node/index.mjs';
import { instance, startWorld } from './world.mjs';

async function refusedBy(t, world, options = {}, n = 1) {
  const sidecar = new Sidecar({ socketPath: world.socketPath, timeoutMs: 3000, ...options });
  t.after(() => sidecar.close());
  const start = performance.now();
  const error = await sidecar.token(instance(n)).then(assert.fail, (failure) => failure);
  assert.ok(error instanceof SidecarError, error);
  assert.ok(performance.now() - start < 4000);
  return error;
}

test('an instance that Wix does not know', async (t) => {
  const world = await startWorld(t);
  await world.control('POST', `instances/${instance(1)}/remove`);
  const error = await refusedBy(t, world);
  assert.deepEqual([error.code, error.status, error.retryable], ['unknown_upstream', 404, false]);
  assert.match(error.message, /Wix said: 404 app not found in any meta-site, request id \S+/);
  assert.ok(error.message.includes(`(request ${error.requestId})`));
  assert.equal(error.upstream.status, 404);
});

test('an app that Wix refuses', async (t) => {
  const world = await startWorld(t, { secret: 'a wrong one' });
  const error = await refusedBy(t, world);
  assert.equal(error.code, 'app_refused');
  assert.match(error.message, /Wix said: 401 invalid_client .* mend app_id or app_secret_file/);
});

test('an outage of Wix is waited out as long as the caller has time', async (t) => {
  const world = await startWorld(t);
  await world.control('POST', 'faults', { route: 'token', kind: 'error', status: 503 });
  const error = await refusedBy(t, world, { timeoutMs: 500 });
  assert.equal(error.retryable, true);
  assert.match(error.message, /^wixtokend \(\S+\) answered 50[34] .*\(request \S+\)/);
  const sidecar = new Sidecar({ socketPath: world.socketPath });
  t.after(() => sidecar.close());
  const call = sidecar.token(instance(1));
  await world.control('DELETE', 'faults');
  assert.match(await call, /^OauthNG\./);
});

test('a user without a rule, an unknown app, an impossible demand', async (t) => {
  const rule = '[[access]]\nuid = 4242\nroles = ["read"]\n';
  const closed = await startWorld(t, { settings: rule });
  assert.match((await refusedBy(t, closed)).message, /403 access_denied.*\[\[access\]\]/);
  const world = await startWorld(t);
  assert.equal((await refusedBy(t, world, { app: 'other' })).code, 'unknown_app');
  const sidecar = new Sidecar({ socketPath: world.socketPath });
  t.after(() => sidecar.close());
  await sidecar.token(instance(1));
  const demand = sidecar.token(instance(1), { minValidMs: 20_000_000 });
  await assert.rejects(demand, { code: 'impossible_validity', status: 422 });
});

test("the SDK's caller gets our error, not one of its own", async (t) => {
  const world = await startWorld(t);
  await world.control('POST', `instances/${instance(1)}/remove`);
  const auth = sidecarStrategy({ instanceId: instance(1), socketPath: world.socketPath });
  const client = createClient({ auth, fetch: world.fetch });
  const call = client.fetchWithAuth('https://www.wixapis.com/apps/v1/instance');
  await assert.rejects(call, { name: 'SidecarError', code: 'unknown_upstream' });
});

test('a watch hears of a token that was dropped for everybody', async (t) => {
  const world = await startWorld(t);
  const options = { instanceId: instance(1), socketPath: world.socketPath, watch: true };
  const auth = sidecarStrategy(options);
  t.after(() => auth.close());
  const before = (await auth.getAuthHeaders()).headers.Authorization;
  await world.call('DELETE', `/v1/instances/${instance(1)}/token`);
  const end = Date.now() + 10_000;
  while (auth.getActiveToken() === before || auth.getActiveToken() === undefined) {
    assert.ok(Date.now() < end);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(await world.mints(), 2);
});
