// An application with custom authentication: it has refresh tokens, and no more than the SDK and
// fetch. It knows nothing of the daemon, and not the app's secret.
import { appInstances } from '@wix/app-management';
import { AppStrategy, createClient } from '@wix/sdk';

const { APP_ID, REFRESH_TOKEN } = process.env;
const app = { appId: APP_ID, appSecret: 'not needed here' };

const strategy = (more) => AppStrategy({ ...app, ...more });
const failure = (work) => work.then(() => 'it did not fail', (error) => error.message);

async function post(path, body, type = 'application/json') {
  const answer = await fetch(`https://www.wixapis.com${path}`, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body,
  });
  return { status: answer.status, body: await answer.json() };
}

const report = {};
try {
  const auth = strategy({ refreshToken: REFRESH_TOKEN });
  const headers = [];
  for (let i = 0; i < 20; ++i) headers.push((await auth.getAuthHeaders()).headers.Authorization);
  report.tokens = new Set(headers).size;
  const token = headers[0];

  const client = createClient({ auth, modules: { appInstances } });
  const { instance } = await client.appInstances.getAppInstance();
  report.instanceId = instance.instanceId;

  const known = strategy({ accessToken: token });
  report.info = await known.getTokenInfo();
  const elevated = await known.elevated();
  report.elevated = Boolean((await elevated.getAuthHeaders()).headers.Authorization);
  report.refreshTokenInfo = await auth.getTokenInfo(); // the SDK asks about its refresh token
  report.foreignElevation = await failure(strategy({ accessToken: 'of-somebody' }).elevated());

  const bad = strategy({ refreshToken: 'OAUTH2.not-registered' });
  report.badRefreshToken = await failure(bad.getAuthHeaders());
  const callback = 'https://app.example/callback?code=OAUTH2.code&instanceId=x';
  report.code = await failure(strategy({}).handleOAuthCallback(callback));

  const fields = { grant_type: 'refresh_token', client_id: APP_ID, refresh_token: REFRESH_TOKEN };
  const plain = await post('/oauth/access/', JSON.stringify(fields));
  const form = await post(
    '/oauth/access',
    new URLSearchParams(fields).toString(),
    'application/x-www-form-urlencoded;charset=UTF-8',
  );
  report.plain =
    plain.status === 200 &&
    JSON.stringify(plain) === JSON.stringify(form) &&
    Object.keys(plain.body).sort().join() === 'access_token,refresh_token' &&
    plain.body.refresh_token === REFRESH_TOKEN &&
    plain.body.access_token === token;
  const unknown = { ...fields, refresh_token: 'OAUTH2.not-registered' };
  report.unknown = await post('/oauth/access', JSON.stringify(unknown));
} catch (error) {
  report.error = String(error?.stack ?? error);
}
console.log(JSON.stringify(report));
process.exitCode = report.error ? 1 : 0;
