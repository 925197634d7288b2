// An application as its authors write it: it knows nothing of the daemon, and not the app's secret.
import { appInstances } from '@wix/app-management';
import { AppStrategy, createClient } from '@wix/sdk';

const { APP_ID, INSTANCE_ID, APP_SECRET = 'not needed here' } = process.env;

async function callApi(instanceId) {
  const auth = AppStrategy({ appId: APP_ID, appSecret: APP_SECRET, instanceId });
  await auth.getAuthHeaders(); // what fails here fails with the SDK's own words
  const client = createClient({ auth, modules: { appInstances } });
  const { instance, site } = await client.appInstances.getAppInstance();
  return { instanceId: instance.instanceId, siteId: site.siteId };
}

const report = {};
try {
  report.first = await callApi(INSTANCE_ID);
  // What the SDK alone answers with a mint per object: a strategy for each request.
  report.many = await Promise.all(Array.from({ length: 50 }, () => callApi(INSTANCE_ID)));
} catch (error) {
  report.error = String(error?.message ?? error);
}
console.log(JSON.stringify(report));
process.exitCode = report.error ? 1 : 0;
