// The same as CommonJS.
import sdk = require('@wix/sdk');
import sidecar = require('@wixtokend/client');

const instanceId = '00000000-0000-4000-8000-000000000001';
const auth: sidecar.SidecarStrategy = sidecar.sidecarStrategy({ instanceId });
export const client = sdk.createClient({ auth, fetch: sidecar.fetchWithRetry(auth) });
