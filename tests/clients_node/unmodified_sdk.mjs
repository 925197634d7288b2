// An application as its authors write it: a strategy for each request, and not the app's secret.
import { appInstances } from '@wix/app-management';
import { AppStrategy, OAuthStrategy, createClient } from '@wix/sdk';

const { APP_ID, INSTANCE_ID } = process.env;

async function instanceSeen() {
  const auth = AppStrategy({ appId: APP_ID, appSecret: 'not needed', instanceId: INSTANCE_ID });
  await auth.getAuthHeaders(); // what fails here fails with the SDK's own words
  const client = createClient({ auth, modules: { appInstances } });
  return (await client.appInstances.getAppInstance()).instance.instanceId;
}

const report = {};
try {
  report.instances = await Promise.all(Array.from({ length: 20 }, instanceSeen));
  // Calls that are none of the daemon's business.
  const auth = AppStrategy({ appId: APP_ID, accessToken: 'of somebody', appSecret: 'x' });
  report.info = (await auth.getTokenInfo()).active === false;
  const visitor = await OAuthStrategy({ clientId: APP_ID }).generateVisitorTokens();
  report.visitor = visitor.accessToken.value ? 'token' : 'none';
} catch (error) {
  report.error = String(error?.message ?? error);
}
console.log(JSON.stringify(report));
