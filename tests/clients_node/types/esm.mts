// Compiled, never run: what TypeScript users write, with the SDK's own types. As a module.
import { appInstances } from '@wix/app-management';
import { createClient } from '@wix/sdk';
import { createClient as createFirstWithFetch } from 'sdk-first-with-fetch';
import { Sidecar, SidecarError, fetchWithRetry, sidecarStrategy } from '@wixtokend/client';

const instanceId = '00000000-0000-4000-8000-000000000001';

const auth = sidecarStrategy({ instanceId, socketOwner: ['wixtokend', 0], watch: true });
const client = createClient({ auth, fetch: fetchWithRetry(auth), modules: { appInstances } });
export const answer: Promise<string | undefined> = client.appInstances
  .getAppInstance()
  .then(({ instance }) => instance?.instanceId ?? undefined);
client.auth.close();
createFirstWithFetch({ auth, fetch: fetchWithRetry(auth, client.fetchWithAuth) });

const sidecar = new Sidecar({ app: 'main', timeoutMs: 1000, maxAgeMs: 0 });
export const token: Promise<string> = sidecar.token(instanceId, { minValidMs: 60_000 });
export const newer: Promise<string | undefined> = sidecar.reject(instanceId, await token);
const unwatch: () => void = sidecar.watch(instanceId);
unwatch();
sidecarStrategy({ instanceId, sidecar, publicKey: '…', appId: '…' });

try {
  await token;
} catch (error) {
  if (error instanceof SidecarError && error.code === 'app_refused') {
    const said: string | undefined = error.upstream?.requestId;
    console.error(said, error.requestId, error.retryAfter?.toFixed());
  }
}

// @ts-expect-error the instance is needed
sidecarStrategy({});
// @ts-expect-error there is no such option
new Sidecar({ socket: '/run/x' });
// @ts-expect-error lengths are numbers
new Sidecar({ timeoutMs: '5s' });
