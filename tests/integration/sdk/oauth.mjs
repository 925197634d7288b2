// A general OAuth 2 library, which knows neither Wix nor the daemon.
import * as oauth from 'oauth4webapi';

const { APP_ID, INSTANCE_ID, MODE } = process.env;
const server = {
  issuer: 'https://www.wixapis.com',
  token_endpoint: 'https://www.wixapis.com/oauth2/token',
  introspection_endpoint: 'https://www.wixapis.com/oauth2/token-info',
};
const client = { client_id: APP_ID };
const inBody = oauth.ClientSecretPost('not needed here');
const inHeader = oauth.ClientSecretBasic('not needed here');

async function token(who, authentication, instance, grant = 'client_credentials') {
  const fields = { instance_id: instance };
  const answer =
    grant === 'client_credentials'
      ? await oauth.clientCredentialsGrantRequest(server, who, authentication, fields)
      : await oauth.genericTokenEndpointRequest(server, who, authentication, grant, fields);
  return oauth.processClientCredentialsResponse(server, who, answer);
}

async function introspect(text) {
  const answer = await oauth.introspectionRequest(server, client, inBody, text);
  return oauth.processIntrospectionResponse(server, client, answer);
}

// What an application can tell from an error of the library.
async function failure(work) {
  try {
    await work;
    return 'it did not fail';
  } catch (error) {
    const response = error.response ?? error.cause;
    return {
      kind: error.constructor.name,
      code: error.code,
      error: error.error,
      description: error.error_description,
      status: error.status ?? response?.status,
      retryAfter: response?.headers?.get?.('retry-after') ?? undefined,
      challenge: Array.isArray(error.cause) ? error.cause[0] : undefined,
    };
  }
}

const report = {};
try {
  if (MODE === 'failing') {
    report.failure = await failure(token(client, inBody, INSTANCE_ID));
  } else {
    const first = await token(client, inBody, INSTANCE_ID);
    const second = await token(client, inHeader, INSTANCE_ID);
    report.same = first.access_token === second.access_token;
    report.type = first.token_type;
    report.expiresIn = first.expires_in;
    report.info = await introspect(first.access_token);
    report.foreign = await introspect('of-somebody');

    const stranger = { client_id: '33333333-3333-4333-8333-333333333333' };
    report.unknownApp = await failure(token(stranger, inBody, INSTANCE_ID));
    report.unknownAppInHeader = await failure(token(stranger, inHeader, INSTANCE_ID));
    report.noGuid = await failure(token(client, inBody, 'x'));
    report.otherGrant = await failure(token(client, inBody, INSTANCE_ID, 'password'));
  }
} catch (error) {
  report.error = String(error?.stack ?? error);
}
console.log(JSON.stringify(report));
process.exitCode = report.error ? 1 : 0;
