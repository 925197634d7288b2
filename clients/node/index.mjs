// For `import`. One implementation serves both kinds of modules: two would keep two sets of copies.
export { Sidecar, SidecarError, fetchWithRetry, sidecarStrategy } from './lib/index.js';
