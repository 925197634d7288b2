// The official SDK with our strategy and our fetch, against the real daemon and the emulator.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { appInstances } from '@wix/app-management';
import { createClient } from '@wix/sdk';
import { createClient as createFirstWithFetch } from 'sdk-first-with-fetch';

import { fetchWithRetry, sidecarStrategy } from '../../clients/node/index.mjs';
import { appId, instance, startWorld } from './world.mjs';

const { createClient: createOldest } = createRequire(import.meta.url)('sdk-oldest');

/** A client of the newest SDK as the recipe makes it. */
function clientOf(world, n, more = {}) {
  const auth = sidecarStrategy({ instanceId: instance(n), socketPath: world.socketPath, ...more });
  const fetch = fetchWithRetry(auth, world.fetch);
  return createClient({ auth, fetch, modules: { appInstances } });
}

const refusal = {
  route: 'api',
  kind: 'error',
  status: 401,
  shape: 'wix',
  message: 'UNAUTHENTICATED',
};
const apiCalls = async (world) => (await world.control('GET', 'counters')).routes.instance.requests;

test('fifty strategies, one for each request, make one mint', async (t) => {
  const world = await startWorld(t);
  const calls = Array.from({ length: 50 }, () => clientOf(world, 1).appInstances.getAppInstance());
  for (const { instance: found } of await Promise.all(calls)) {
    assert.equal(found.instanceId, instance(1));
  }
  assert.equal(await world.mints(), 1);
});

test('the SDK may take the methods off the strategy', async (t) => {
  const world = await startWorld(t);
  const { auth } = clientOf(world, 1);
  const { getAuthHeaders, getActiveToken } = auth;
  const { headers } = await getAuthHeaders();
  assert.match(headers.Authorization, /^OauthNG\.JWS\./);
  assert.equal(getActiveToken(), headers.Authorization);
  const module = (http) => async () => [
    http.getActiveToken(),
    (await http.getAuthHeaders()).headers,
  ];
  const client = createClient({ auth, modules: { module } });
  assert.deepEqual(await client.module(), [headers.Authorization, headers]);
});

test('a refused token costs one mint and one more call', async (t) => {
  const world = await startWorld(t);
  const client = clientOf(world, 1);
  await client.appInstances.getAppInstance();
  const before = client.auth.getActiveToken();
  await world.control('POST', 'faults', { ...refusal, times: 1 });
  const { instance: found } = await client.appInstances.getAppInstance();
  assert.equal(found.instanceId, instance(1));
  assert.notEqual(client.auth.getActiveToken(), before);
  assert.equal(await world.mints(), 2);
  assert.equal(await apiCalls(world), 3);
});

test('an API that refuses every token is called twice, and fails with its own words', async (t) => {
  const world = await startWorld(t);
  const client = clientOf(world, 1);
  await client.appInstances.getAppInstance();
  await world.control('POST', 'faults', refusal);
  await assert.rejects(client.appInstances.getAppInstance(), /UNAUTHENTICATED/);
  assert.equal(await apiCalls(world), 3);
  await assert.rejects(client.appInstances.getAppInstance(), /UNAUTHENTICATED/);
  assert.equal(await apiCalls(world), 4); // the replacement is held off
  assert.equal(await world.mints(), 2);
});

test('a burst of refusals costs one mint', async (t) => {
  const world = await startWorld(t);
  const client = clientOf(world, 1);
  await client.appInstances.getAppInstance();
  await world.control('POST', 'faults', { ...refusal, times: 30 });
  const calls = Array.from({ length: 30 }, () => client.appInstances.getAppInstance());
  await Promise.all(calls);
  assert.equal(await world.mints(), 2);
});

test("webhooks are verified with the app's key", async (t) => {
  const world = await startWorld(t);
  const publicKey = await world.control('GET', 'webhook-key?form=line');
  const client = clientOf(world, 1, { publicKey, appId });
  const body = { event: 'AppInstalled', instance: instance(7) };
  const jwt = await world.control('POST', 'webhooks?as=jwt', body);
  const event = await client.webhooks.process(jwt, { expectedEvents: [{ type: 'AppInstalled' }] });
  assert.deepEqual([event.eventType, event.instanceId], ['AppInstalled', instance(7)]);
  await assert.rejects(client.webhooks.process(`${jwt.slice(0, -8)}AAAAAAAA`), /signature/);
});

test('@wix/sdk 1.21.12 is the first that takes our fetch', async (t) => {
  const world = await startWorld(t);
  const auth = sidecarStrategy({ instanceId: instance(1), socketPath: world.socketPath });
  const fetch = fetchWithRetry(auth, world.fetch);
  const client = createFirstWithFetch({ auth, fetch, modules: { appInstances } });
  await world.control('POST', 'faults', { ...refusal, times: 1 });
  const { instance: found } = await client.appInstances.getAppInstance();
  assert.equal(found.instanceId, instance(1));
  assert.equal(await world.mints(), 2);
});

test('@wix/sdk 1.5.5, the oldest there is, works with our strategy, and our fetch as the global one', async (t) => {
  const world = await startWorld(t);
  const auth = sidecarStrategy({ instanceId: instance(1), socketPath: world.socketPath });
  t.mock.method(globalThis, 'fetch', fetchWithRetry(auth, direct(world)));
  const client = createOldest({ auth });
  await world.control('POST', 'faults', { ...refusal, times: 1 });
  const answer = await client.fetch('/apps/v1/instance', { method: 'GET' });
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).instance.instanceId, instance(1));
  assert.equal(await world.mints(), 2);
});

/** The world's fetch, for where the global one is replaced. */
function direct(world) {
  const fetch = globalThis.fetch;
  return (input, init) => {
    const url = new URL(input);
    return fetch(
      url.origin === 'https://www.wixapis.com' ? world.upstream + url.pathname : input,
      init,
    );
  };
}
