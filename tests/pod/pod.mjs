// node pod.mjs OVERLAY FOLDER APP_ID INSTANCE: the pod of an overlay's Deployment as podman can play it,
// on standard output. Changed is what podman 4.3 does not know: a native sidecar becomes a container
// like the others (which is harder on the daemon: all are told to end at the same time), an emptyDir and
// a Secret become folders that have been made as the kubelet makes them, fsGroup the supplementary group
// that it comes to. Probes go, which podman runs by a shell, and ports, which it does not take beside
// the host's network.
import { join } from 'node:path';
import { render } from '../kubernetes/render.mjs';

const [overlay, folder, appId, instance] = process.argv.slice(2);
const objects = render(overlay);
const { template } = objects.find((one) => one.kind === 'Deployment').spec;
const config = objects.find((one) => one.kind === 'ConfigMap');
const spec = template.spec;

const folders = { 'wixtokend-socket': 'socket', 'wixtokend-secret': 'secret' };
spec.volumes = spec.volumes.map((volume) => folders[volume.name] === undefined ? volume
  : { name: volume.name, hostPath: { path: join(folder, folders[volume.name]), type: 'Directory' } });
spec.securityContext.supplementalGroups = [spec.securityContext.fsGroup];

spec.containers = [...spec.initContainers, ...spec.containers];
delete spec.initContainers;
for (const container of spec.containers) {
  for (const key of ['restartPolicy', 'startupProbe', 'readinessProbe', 'livenessProbe', 'ports']) {
    delete container[key];
  }
  container.imagePullPolicy = 'Never';
  container.image = { wixtokend: 'localhost/wixtokend:test', storefront: 'localhost/caller:test' }[container.name];
}
const [daemon, application] = ['wixtokend', 'storefront']
  .map((name) => spec.containers.find((one) => one.name === name));
const socket = application.env.find((one) => one.name === 'WIXTOKEN_SOCKET').value;
application.args = ['work', socket, instance];

// The upstream stands in for www.wixapis.com, and its authority for those of the system's store.
spec.hostNetwork = true;
for (const [name, file, mountPath] of [['authorities', 'ca.pem', '/etc/ssl/certs/ca-certificates.crt'],
  ['hosts', 'hosts', '/etc/hosts']]) {
  spec.volumes.push({ name, hostPath: { path: join(folder, file), type: 'File' } });
  daemon.volumeMounts.push({ name, mountPath, readOnly: true });
}
config.data['wixtokend.toml'] = config.data['wixtokend.toml'].replace(
  'app_id = "00000000-0000-0000-0000-000000000000"', `app_id = "${appId}"\ninstances = ["${instance}"]`);

spec.restartPolicy = 'Never';
for (const object of [config, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'test' }, spec }]) {
  console.log(`---\n${JSON.stringify(object)}`);
}
