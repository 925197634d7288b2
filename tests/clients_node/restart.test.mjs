// Restarts of the daemon while processes ask for tokens: no call may fail.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { instance, startWorld } from './world.mjs';
import { Workers } from './workers.mjs';

const instances = Array.from({ length: 50 }, (_, n) => instance(n));

async function underLoad(t, { store, signals }) {
  const world = await startWorld(t, { instances, store });
  // Each call asks the daemon.
  const plan = { what: 'load', instances, socketPath: world.socketPath, maxAgeMs: 0 };
  const workers = await Workers.start(2, plan);
  workers.go();
  for (const signal of signals) {
    await sleep(300);
    await world.stopDaemon(signal);
    await sleep(100);
    await world.startDaemon();
  }
  await sleep(300);
  const reports = await workers.reports();
  for (const { failures, calls } of reports) {
    assert.deepEqual(failures, []);
    assert.ok(calls > 100, `only ${calls} calls`);
  }
}

test('no call fails while a daemon with a store is stopped, killed, and started again', (t) =>
  underLoad(t, { store: true, signals: ['SIGTERM', 'SIGKILL', 'SIGTERM'] }));

test('nor without a store, when all tokens are minted anew', (t) =>
  underLoad(t, { signals: ['SIGTERM', 'SIGKILL'] }));
