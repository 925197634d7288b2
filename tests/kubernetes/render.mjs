// Renders a kustomization as `kustomize build` does, as far as kubernetes/ makes use of it; whatever it
// does not know is an error, so that nothing goes unchecked. Kustomize itself is in no Debian package.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as yaml from 'js-yaml';

// The lists whose elements are merged, and the field that tells an element.
const mergeKeys = {
  containers: 'name', initContainers: 'name', volumes: 'name', env: 'name', volumeMounts: 'mountPath',
  ports: 'containerPort',
};
const isMap = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

/** All documents of a YAML file. */
export const readObjects = (file) => yaml.loadAll(readFileSync(file, 'utf8')).filter(Boolean);

function mergeList(into, patch, key) {
  const added = [];
  for (const element of patch) {
    const present = into.findIndex((one) => one[key] === element[key]);
    if (present < 0) added.push(element);
    else into[present] = merge(into[present], element);
  }
  return [...added, ...into]; // what a patch adds comes first
}

/** The strategic merge of a patch into an object. */
function merge(into, patch) {
  if (!isMap(into) || !isMap(patch)) return patch;
  const out = { ...into };
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith('$')) throw new Error(`${name} in a patch is not supported`);
    if (value === null) delete out[name];
    else if (Array.isArray(value) && Array.isArray(out[name]) && mergeKeys[name])
      out[name] = mergeList(out[name], value, mergeKeys[name]);
    else out[name] = merge(out[name], value);
  }
  return out;
}

function selects(patch, target, object) {
  if (!target) {
    return object.kind === patch.kind && object.metadata.name === patch.metadata.name &&
      object.apiVersion === patch.apiVersion;
  }
  const [label, value] = target.labelSelector.split('=');
  return object.metadata.labels?.[label] === value;
}

function apply(objects, { path, target, ...rest }, folder) {
  if (Object.keys(rest).length > 0 || !path) throw new Error(`${folder}: a patch of unknown shape`);
  for (const patch of readObjects(join(folder, path))) {
    const chosen = objects.filter((object) => selects(patch, target, object));
    if (chosen.length === 0) throw new Error(`${join(folder, path)} patches nothing`);
    for (const object of chosen) {
      const { apiVersion, kind, metadata } = object;
      const merged = merge(object, patch);
      Object.assign(object, merged, target ? { apiVersion, kind, metadata } : {});
    }
  }
}

function generate(objects, { name, behavior = 'create', files, ...rest }, folder) {
  if (Object.keys(rest).length > 0) throw new Error(`${folder}: a ConfigMap of unknown shape`);
  const data = Object.fromEntries(
    files.map((file) => [basename(file), readFileSync(join(folder, file), 'utf8')]));
  const present = objects.find((one) => one.kind === 'ConfigMap' && one.metadata.name === name);
  if ((behavior === 'replace') !== (present !== undefined)) {
    throw new Error(`${folder}: ConfigMap ${name} is${present ? '' : ' not'} there already`);
  }
  if (present) present.data = data;
  else objects.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
}

function load(folder, objects) {
  const file = join(folder, 'kustomization.yaml');
  const [{ apiVersion, kind, resources = [], components = [], configMapGenerator = [], patches = [],
    ...unknown }] = readObjects(file);
  if (Object.keys(unknown).length > 0) {
    throw new Error(`${file}: ${Object.keys(unknown)} is not supported by this renderer`);
  }
  const version = { Kustomization: 'v1beta1', Component: 'v1alpha1' }[kind];
  if (apiVersion !== `kustomize.config.k8s.io/${version}`) throw new Error(`${file}: what is it?`);
  for (const one of resources) {
    const path = join(folder, one);
    if (statSync(path).isDirectory()) load(path, objects);
    else objects.push(...readObjects(path));
  }
  for (const one of configMapGenerator) generate(objects, one, folder);
  for (const one of components) load(join(folder, one), objects);
  for (const one of patches) apply(objects, one, folder);
}

// A changed ConfigMap has another name, so that what mounts it is rolled out anew.
function nameByContent(objects) {
  const names = new Map();
  for (const object of objects.filter((one) => one.kind === 'ConfigMap')) {
    const hash = createHash('sha256').update(JSON.stringify(object.data)).digest('hex').slice(0, 10);
    names.set(object.metadata.name, `${object.metadata.name}-${hash}`);
    object.metadata.name = names.get(object.metadata.name);
  }
  for (const object of objects) {
    for (const { configMap } of object.spec?.template?.spec.volumes ?? []) {
      if (configMap && !names.has(configMap.name)) {
        throw new Error(`${object.kind} mounts the ConfigMap ${configMap.name}, which is not there`);
      }
      if (configMap) configMap.name = names.get(configMap.name);
    }
  }
}

/** The objects of a folder with a kustomization.yaml. */
export function render(folder) {
  const objects = [];
  load(folder, objects);
  nameByContent(objects);
  return objects;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const object of render(process.argv[2])) console.log(`---\n${JSON.stringify(object)}`);
}
