// node values.mjs FILE...: the values of Kubernetes objects (types, ranges, enumerations) against the
// JSON schemas of the API. Does not see fields that there are not: fields.mjs does.
import { readObjects } from './render.mjs';

// The package that has the models of a group.
const packageOf = (apiVersion) =>
  apiVersion.startsWith('monitoring.coreos.com/') ? '@kubernetes-models/prometheus-operator'
    : 'kubernetes-models';

let bad = 0;
for (const file of process.argv.slice(2)) {
  for (const object of readObjects(file)) {
    const name = `${file}: ${object.kind} ${object.metadata?.name}`;
    try {
      const models = await import(`${packageOf(object.apiVersion)}/${object.apiVersion}`);
      if (!models[object.kind]) throw new Error(`there is no model of ${object.apiVersion}`);
      new models[object.kind](object).validate();
      console.log(`good: ${name}`);
    } catch (error) {
      bad = 1;
      console.log(`bad: ${name}: ${String(error.message).slice(0, 800)}`);
    }
  }
}
process.exitCode = bad;
