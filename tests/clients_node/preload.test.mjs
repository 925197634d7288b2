// Applications that know nothing of the daemon, with the preload.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { appId, client, instance, startWorld } from './world.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
// `--import` came with Node 18.18.
const option = process.allowedNodeEnvironmentFlags.has('--import') ? '--import' : '--require';

async function run(world, script, environment = {}) {
  const env = {
    ...process.env,
    WIXTOKEN_SOCKET: world.socketPath,
    UPSTREAM: world.upstream,
    APP_ID: appId,
    INSTANCE_ID: instance(1),
    ...environment,
  };
  // The first one stands for Wix; ours comes last, as in front of a real application.
  const upstream = ['--require', here('upstream.cjs')];
  const preload = [option, join(client, 'lib/preload.js')];
  const args = [...upstream, ...preload, here(script)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 30_000 });
  return JSON.parse(stdout);
}

test("the SDK's own AppStrategy gets its tokens from the socket, and calls Wix itself", async (t) => {
  const world = await startWorld(t);
  const report = await run(world, 'unmodified_sdk.mjs');
  assert.deepEqual(report, {
    instances: Array(20).fill(instance(1)),
    info: true,
    visitor: 'token',
  });
  assert.equal(await world.mints(), 2); // one of ours, and the visitor's
  const { routes } = await world.control('GET', 'counters');
  assert.equal(routes.instance.requests, 20);
  assert.equal(routes.token_info.requests, 1);
  assert.equal(routes.token.requests, 2);
});

test('so does axios, with a refresh token of custom authentication', async (t) => {
  const world = await startWorld(t, { store: true });
  const REFRESH_TOKEN = await world.addRefreshToken(instance(1));
  const report = await run(world, 'unmodified_axios.mjs', { REFRESH_TOKEN });
  // Wix would have refused the secret that this application has.
  assert.deepEqual(report, { status: 200, instanceId: instance(1) });
});

test('what the daemon refuses reaches the application with the status', async (t) => {
  const world = await startWorld(t);
  await world.control('POST', `instances/${instance(1)}/remove`);
  const report = await run(world, 'unmodified_sdk.mjs');
  assert.match(report.error, /Unexpected status code from Wix OAuth API: 404, request id: \S+/);
});
