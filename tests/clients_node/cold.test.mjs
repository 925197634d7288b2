// A cold start of several processes: how many mints it takes.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { appId, appSecret, instance, startWorld } from './world.mjs';
import { Workers } from './workers.mjs';

const processes = 4;
const plan = (world, kind) => ({
  what: 'atOnce',
  kind,
  calls: 1000 / processes,
  appId,
  appSecret,
  instanceId: instance(1),
  socketPath: world.socketPath,
  upstream: world.upstream,
});

async function coldStart(world, kind) {
  const workers = await Workers.start(processes, plan(world, kind));
  workers.go();
  const reports = await workers.reports();
  return new Set(reports.flatMap(({ tokens }) => tokens));
}

test('1,000 concurrent cold calls from several processes are one mint', async (t) => {
  const world = await startWorld(t);
  assert.equal((await coldStart(world, 'sidecar')).size, 1);
  assert.equal(await world.mints(), 1);
});

test('the SDK alone makes one for each', async (t) => {
  const world = await startWorld(t);
  assert.equal((await coldStart(world, 'bare')).size, 1000);
  assert.equal(await world.mints(), 1000);
});
