'use strict';
// Who may own the socket. Whoever can put a socket at the path would be asked for tokens instead of
// the daemon, and its tokens would be used.

const fs = require('node:fs');

const { SidecarError } = require('./errors.js');

const daemonUser = 'wixtokend';

/** The uid of a name in /etc/passwd, or undefined. Node has no getpwnam. */
function uidOf(name) {
  let accounts;
  try {
    accounts = fs.readFileSync('/etc/passwd', 'utf8');
  } catch {
    return undefined; // a container without accounts
  }
  for (const account of accounts.split('\n')) {
    const [login, , uid] = account.split(':');
    if (login === name && /^\d+$/.test(uid)) return Number(uid);
  }
  return undefined;
}

function uidFrom(owner) {
  if (Number.isInteger(owner) && owner >= 0) return owner;
  if (typeof owner === 'string' && /^\d+$/.test(owner)) return Number(owner);
  const uid = typeof owner === 'string' ? uidOf(owner) : undefined;
  if (uid === undefined) {
    throw new TypeError(`socketOwner: there is no user ${JSON.stringify(owner)} in /etc/passwd`);
  }
  return uid;
}

/**
 * The uids that may own the socket, or undefined for anybody.
 * @param configured  A uid, a user's name, an array of these, 'any', or undefined: root, the own
 *                    user, and the user wixtokend if there is one.
 */
function allowedOwners(configured) {
  if (configured === 'any') return undefined;
  if (configured !== undefined) return new Set([configured].flat().map(uidFrom));
  const daemon = uidOf(daemonUser);
  return new Set([0, process.getuid(), ...(daemon === undefined ? [] : [daemon])]);
}

function ownerMistake(socketPath, uid, owners) {
  if (!owners || owners.has(uid)) return undefined;
  return new SidecarError(
    'wrong_owner',
    `${socketPath} belongs to uid ${uid}, but must belong to ${[...owners].join(' or ')}: ` +
      'if that is the user of wixtokend, name it as `socketOwner` or WIXTOKEN_SOCKET_OWNER; ' +
      'if not, somebody else has put a socket there',
  );
}

module.exports = { allowedOwners, ownerMistake };
