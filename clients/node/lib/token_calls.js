'use strict';
// Which requests of an application are token calls that the daemon answers in Wix's place.

const upstream = 'https://www.wixapis.com';

// `/oauth2/token` has grants of visitors, too, which are none of the daemon's business. Token Info
// stays with Wix: the daemon knows its own tokens only.
const grants = { '/oauth2/token': 'client_credentials', '/oauth/access': undefined };

const bare = (path) => path.replace(/\/$/, '');

/** Whether a request with this method and URL may be one. */
function isTokenCall(method, url) {
  return method.toUpperCase() === 'POST' && url.origin === upstream && bare(url.pathname) in grants;
}

function grantIn(body) {
  try {
    const fields = JSON.parse(body);
    return fields.grant_type ?? fields.grantType;
  } catch {
    const fields = new URLSearchParams(body);
    return fields.get('grant_type') ?? fields.get('grantType');
  }
}

/** Whether such a request with this body is for the daemon. What it cannot read it may refuse. */
function isForDaemon(url, body) {
  const grant = grants[bare(url.pathname)];
  return grant === undefined || grantIn(body) === grant;
}

module.exports = { isForDaemon, isTokenCall };
