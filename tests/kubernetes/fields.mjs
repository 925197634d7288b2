// node fields.mjs FILE...: Kubernetes objects as TypeScript literals of the API's types, so that the
// compiler complains of fields that there are not (and of values of a wrong type).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readObjects } from './render.mjs';

const here = dirname(fileURLToPath(import.meta.url));

// "apps/v1" is in kubernetes-types/apps/v1, "v1" in kubernetes-types/core/v1.
function importOf({ apiVersion, kind }) {
  if (apiVersion.startsWith('monitoring.coreos.com/')) {
    return `import type { I${kind} as Wanted } from '@kubernetes-models/prometheus-operator/${apiVersion}';`;
  }
  const path = apiVersion.includes('/') ? apiVersion.replace('.k8s.io', '') : `core/${apiVersion}`;
  return `import type { ${kind} as Wanted } from 'kubernetes-types/${path}';`;
}

const folder = mkdtempSync(join(here, 'node_modules', '.fields-'));
try {
  const sources = [];
  for (const file of process.argv.slice(2)) {
    for (const object of readObjects(file)) {
      const source = join(folder, `${sources.length}.ts`);
      writeFileSync(source, `// ${file}: ${object.kind} ${object.metadata?.name}\n${importOf(object)}\n` +
        `export const object: Wanted = ${JSON.stringify(object, null, 1)};\n`);
      sources.push(source);
    }
  }
  execFileSync(process.execPath, [join(here, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict',
    '--skipLibCheck', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler',
    ...sources], { stdio: 'inherit' });
  console.log(`good: ${sources.length} objects`);
} catch {
  process.exitCode = 1; // the compiler has said why
} finally {
  rmSync(folder, { recursive: true });
}
