'use strict';
// Verifies the JWTs of Wix's webhooks and service plugins, as the SDK's own strategy does.

const { createPublicKey, verify } = require('node:crypto');

const issuer = 'wix.com';

/** The app's public key: PEM, or the base64 of it that Wix's dashboard shows. */
function keyFrom(text) {
  const pem = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('utf8');
  const key = createPublicKey(pem.trim());
  if (key.asymmetricKeyType !== 'rsa') throw new Error('publicKey is no RSA key');
  return key;
}

function objectIn(part) {
  const value = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  if (typeof value !== 'object' || value === null) throw new Error('no object');
  return value;
}

/** The claims of a token with a good signature. */
function claimsOf(token, key) {
  const parts = String(token).trim().split('.');
  let header;
  let claims;
  try {
    [header, claims] = parts.slice(0, 2).map(objectIn);
  } catch {
    throw new Error('this is no JWT');
  }
  if (parts.length !== 3 || header.alg !== 'RS256') throw new Error('this is no JWT with RS256');
  // Extensions that must be understood: none is.
  if (header.crit !== undefined) throw new Error('the JWT has an unknown extension');
  const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
  if (!verify('sha256', signed, key, Buffer.from(parts[2], 'base64url'))) {
    throw new Error("the JWT's signature is not of this app's key");
  }
  return claims;
}

function checkTimes({ exp, nbf }) {
  const now = Date.now() / 1000;
  if (exp !== undefined && !(typeof exp === 'number' && exp > now)) {
    throw new Error('the JWT has expired');
  }
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= now)) {
    throw new Error('the JWT is not valid yet');
  }
}

/** Makes `decodeJWT` of an auth strategy. It fails with an Error; it never says `valid: false`. */
function webhookReader({ publicKey, appId }) {
  let key;
  return async function decodeJWT(token, verifyCallerClaims = false) {
    if (!publicKey) throw new Error('Missing public key: pass `publicKey` to sidecarStrategy');
    if (verifyCallerClaims && !appId) {
      throw new Error('Missing app id: pass `appId` to sidecarStrategy');
    }
    key ??= keyFrom(publicKey);
    const claims = claimsOf(token, key);
    checkTimes(claims);
    const isForUs = claims.iss === issuer && [claims.aud].flat().includes(appId);
    if (verifyCallerClaims && !isForUs) throw new Error('the JWT is not from Wix to this app');
    return { decoded: { data: claims.data }, valid: true };
  };
}

module.exports = { webhookReader };
