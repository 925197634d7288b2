'use strict';
// decodeJWT: what Wix signs for the app, and nothing else.

const assert = require('node:assert/strict');
const { createHmac, generateKeyPairSync, sign } = require('node:crypto');
const { test } = require('node:test');

const { sidecarStrategy } = require('../lib/index.js');
const { instanceId } = require('./fake_daemon.js');

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = publicKey.export({ type: 'spki', format: 'pem' });
const appId = '11111111-2222-4333-8444-555555555555';
const now = Math.floor(Date.now() / 1000);
const good = { data: '{"a":1}', iss: 'wix.com', aud: appId, exp: now + 60 };

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(claims, { header = { alg: 'RS256' }, key = privateKey } = {}) {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}

const reader = (more = {}) =>
  sidecarStrategy({ instanceId, appId, publicKey: pem, ...more }).decodeJWT;

test('a good one is read, with the key as PEM or as one line of base64', async () => {
  const wanted = { decoded: { data: '{"a":1}' }, valid: true };
  assert.deepEqual(await reader()(signed(good), true), wanted);
  const line = Buffer.from(pem).toString('base64');
  assert.deepEqual(await reader({ publicKey: line })(`${signed(good)}\n`), wanted);
});

test('what is not signed with the key of the app is refused', async () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  await assert.rejects(reader()(signed(good, { key: other })), /signature/);
  const [header, claims, signature] = signed(good).split('.');
  await assert.rejects(
    reader()(`${header}.${encode({ ...good, data: '{}' })}.${signature}`),
    /signature/,
  );
  const unsigned = `${encode({ alg: 'none' })}.${claims}.`;
  await assert.rejects(reader()(unsigned), /RS256/);
  // The public key taken for a shared secret.
  const text = `${encode({ alg: 'HS256' })}.${claims}`;
  const forged = createHmac('sha256', pem).update(text).digest('base64url');
  await assert.rejects(reader()(`${text}.${forged}`), /RS256/);
  const critical = { alg: 'RS256', crit: ['b64'], b64: false };
  await assert.rejects(reader()(signed(good, { header: critical })), /unknown extension/);
});

test('what is too old, or not valid yet, is refused', async () => {
  await assert.rejects(reader()(signed({ ...good, exp: now - 1 })), /expired/);
  await assert.rejects(reader()(signed({ ...good, exp: 'later' })), /expired/);
  await assert.rejects(reader()(signed({ ...good, nbf: now + 60 })), /not valid yet/);
  const { exp, ...forEver } = good; // Wix's webhooks may have no `exp`
  assert.equal((await reader()(signed(forEver))).valid, true);
});

test("what is not from Wix, or for another app, is refused when the caller's claims count", async () => {
  for (const claims of [{ ...good, iss: 'else' }, { ...good, aud: 'another app' }, { data: '' }]) {
    assert.equal((await reader()(signed(claims))).valid, true);
    await assert.rejects(reader()(signed(claims), true), /not from Wix to this app/);
  }
});

test('what is no JWT, and what is missing, is told', async () => {
  for (const text of ['', 'a.b', 'a.b.c', `${encode([])}.${encode(1)}.x`, undefined]) {
    await assert.rejects(reader()(text), /no JWT/);
  }
  await assert.rejects(reader({ publicKey: undefined })(signed(good)), /pass `publicKey`/);
  await assert.rejects(reader({ appId: undefined })(signed(good), true), /pass `appId`/);
  await assert.rejects(reader({ publicKey: 'bm8ga2V5' })(signed(good)));
});
