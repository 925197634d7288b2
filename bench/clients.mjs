// The Node client beside the official SDK alone, in one run: mints as the emulator counts them, and
// the time of getAuthHeaders. The daemon and the emulator are the release build's.
import { World, appId, appSecret, instance } from '../tests/clients_node/world.mjs';
import { Workers } from '../tests/clients_node/workers.mjs';

const latencyMs = 50; // of each answer of the emulator: the way to Wix and back

function planOf(world, n, more) {
  const { socketPath, upstream } = world;
  return { appId, appSecret, socketPath, upstream, instanceId: instance(n), ...more };
}

/** Runs so many processes with this plan. @returns the mints that it took, and the longest time. */
async function measured(world, processes, plan) {
  const workers = await Workers.start(processes, plan);
  const before = await world.mints();
  workers.go();
  const reports = await workers.reports();
  const tookMs = Math.max(...reports.map((report) => report.tookMs));
  return { mints: (await world.mints()) - before, tookMs };
}

const us = (tookMs, calls) => `${((tookMs / calls) * 1000).toFixed(1)} µs`;

function row(...cells) {
  console.log(
    cells.map((cell, i) => String(cell)[i ? 'padStart' : 'padEnd'](i ? 16 : 58)).join(''),
  );
}

async function coldStarts(world) {
  const processes = 4;
  const calls = 250;
  row(
    `cold start: ${processes} processes, ${calls} calls at once in each`,
    'mints',
    'until the last',
  );
  const variants = [
    ['the SDK alone, a strategy for each call', { kind: 'bare', strategies: calls }],
    ['the SDK alone, one strategy in each process', { kind: 'bare', strategies: 1 }],
    ['sidecarStrategy, one for each call', { kind: 'sidecar', strategies: calls }],
    ['sidecarStrategy, one in each process', { kind: 'sidecar', strategies: 1 }],
  ];
  for (const [i, [name, variant]] of variants.entries()) {
    const plan = planOf(world, i, { what: 'atOnce', calls, ...variant });
    const { mints, tookMs } = await measured(world, processes, plan);
    row(`  ${name}`, mints, `${tookMs.toFixed(0)} ms`);
  }
}

async function warmCalls(world) {
  row('one process, one call after the other', 'mints', 'a call');
  const many = 200_000;
  const variants = [
    ['the SDK alone, its own copy', many, { kind: 'bare' }],
    ['sidecarStrategy, its copy', many, { kind: 'sidecar' }],
    ['sidecarStrategy, asking the daemon each time', 5000, { kind: 'sidecar', maxAgeMs: 0 }],
    ['the SDK alone, a new strategy each time', 40, { kind: 'bare', anew: true }],
    ['sidecarStrategy, a new one each time', many, { kind: 'sidecar', anew: true }],
  ];
  for (const [i, [name, calls, variant]] of variants.entries()) {
    const plan = planOf(world, 100 + i, { what: 'inTurn', calls, ...variant });
    const { mints, tookMs } = await measured(world, 1, plan);
    row(`  ${name}`, mints, us(tookMs, calls));
  }
}

const world = await World.start({ logLevel: 'warning' });
try {
  await world.control('POST', 'settings', { latency_ms_min: latencyMs, latency_ms_max: latencyMs });
  console.log(`The emulator answers after ${latencyMs} ms. Node ${process.version}.`);
  await coldStarts(world);
  await warmCalls(world);
} finally {
  await world.stop();
}
