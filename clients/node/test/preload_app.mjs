// An application that knows nothing of the daemon, and mints in all the ways there are. Not a test.
import https, { request } from 'node:https';

const body = JSON.stringify({
  grant_type: 'client_credentials',
  client_id: 'a',
  client_secret: 's',
});
const url = 'https://www.wixapis.com/oauth2/token';
const post = { method: 'POST', headers: { 'Content-Type': 'application/json' } };
const full = {
  ...post,
  protocol: 'https:',
  hostname: 'www.wixapis.com',
  port: 443,
  path: '/oauth2/token',
};

function sent(start) {
  return new Promise((resolve, reject) => {
    const message = start((answer) => {
      let text = '';
      answer.on('data', (part) => (text += part));
      answer.on('end', () => resolve(JSON.parse(text).access_token));
    });
    message.on('error', reject);
    message.end(body);
  });
}

// Everything else is really sent: to a name that there is not.
const failed = await new Promise((resolve) => {
  https.get('https://wixtokend.invalid/oauth2/token').on('error', (error) => resolve(error.code));
});

console.log(
  JSON.stringify({
    fetch: (await (await fetch(url, { ...post, body })).json()).access_token,
    options: await sent((done) => https.request(full, done)),
    url: await sent((done) => https.request(url, post, done)),
    named: await sent((done) => request(new URL(url), post, done)),
    other: /ENOTFOUND|EAI_AGAIN/.test(failed) ? 'direct' : failed,
  }),
);
