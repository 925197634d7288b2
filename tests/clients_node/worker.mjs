// A process of a service, for tests and benchmark: makes calls at once, or one after the other, and
// reports. What it does is one JSON argument; `go` on standard input starts it.
import { once } from 'node:events';

import { AppStrategy } from '@wix/sdk';

import { Sidecar, sidecarStrategy } from '../../clients/node/index.mjs';

const plan = JSON.parse(process.argv[2]);
const { kind, calls, strategies = calls, instanceId, socketPath, upstream, maxAgeMs } = plan;

// The SDK's own token calls go to the emulator.
const direct = globalThis.fetch;
globalThis.fetch = (input, init) =>
  direct(String(input).replace('https://www.wixapis.com', upstream), init);

const makers = {
  bare: () => AppStrategy({ appId: plan.appId, appSecret: plan.appSecret, instanceId }),
  sidecar: () => sidecarStrategy({ instanceId, socketPath, maxAgeMs }),
};

/** All calls at once, spread over so many strategies. */
async function atOnce() {
  const made = Array.from({ length: strategies }, makers[kind]);
  const start = performance.now();
  const found = await Promise.all(
    Array.from({ length: calls }, (_, i) => made[i % strategies].getAuthHeaders()),
  );
  const tookMs = performance.now() - start;
  return { tookMs, tokens: [...new Set(found.map(({ headers }) => headers.Authorization))] };
}

/** One after the other, with one strategy or, `anew`, with one for each call. */
async function inTurn() {
  let strategy = makers[kind]();
  await strategy.getAuthHeaders();
  const start = performance.now();
  for (let i = 0; i < calls; ++i) {
    if (plan.anew) strategy = makers[kind]();
    await strategy.getAuthHeaders();
  }
  return { tookMs: performance.now() - start };
}

/** Tokens of many instances, again and again, until standard input ends. */
async function load() {
  const sidecar = new Sidecar({ socketPath, maxAgeMs });
  let ending = false;
  process.stdin.on('end', () => (ending = true)).resume();
  const report = { calls: 0, failures: [], longestMs: 0 };
  const caller = async (id) => {
    while (!ending) {
      const start = performance.now();
      try {
        await sidecar.token(id);
        ++report.calls;
      } catch (error) {
        report.failures.push(`${error.code}: ${error.message}`);
      }
      report.longestMs = Math.max(report.longestMs, performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  await Promise.all(plan.instances.map(caller));
  sidecar.close();
  return report;
}

console.log('ready');
await once(process.stdin, 'data');
const report = await { atOnce, inTurn, load }[plan.what]();
console.log(JSON.stringify(report));
process.stdin.destroy();
