'use strict';
// What the package exports.

const { SidecarError } = require('./errors.js');
const { fetchWithRetry } = require('./fetch_with_retry.js');
const { Sidecar } = require('./sidecar.js');
const { sidecarStrategy } = require('./strategy.js');

module.exports = { Sidecar, SidecarError, fetchWithRetry, sidecarStrategy };
