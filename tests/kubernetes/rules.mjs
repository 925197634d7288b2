// node rules.mjs VERSION FILE...: what no schema knows of the rendered overlays: that numbers and paths
// that stand in several places agree, that each container is as confined as it can be, and that a pod's
// end leaves time for the daemon's.
import { readObjects } from './render.mjs';

const [version, ...files] = process.argv.slice(2);
const found = [];
const demand = (good, what) => good || found.push(what);

// "name = value" lines of a configuration; enough for ours.
function settingOf(config, name) {
  const line = config.match(new RegExp(`^${name} = "?([^"\\n#]*?)"?(\\s+#.*)?$`, 'm'));
  return line?.[1].trim();
}
const gidsOf = (config) => [...config.matchAll(/^gid = (\d+)/gm)].map((one) => Number(one[1]));
const uidsOf = (config) => [...config.matchAll(/^uid = (\d+)/gm)].map((one) => Number(one[1]));

function checkContainer(container, volumes, where) {
  const context = container.securityContext ?? {};
  const isRoot = container.name === 'folder'; // has to change an owner, and ends
  demand(isRoot || (context.runAsNonRoot === true && context.runAsUser > 0), `${where} may be root`);
  demand(context.readOnlyRootFilesystem === true, `${where}: its root can be written to`);
  demand(context.allowPrivilegeEscalation === false, `${where} may gain privileges`);
  demand(context.capabilities?.drop?.[0] === 'ALL', `${where} keeps capabilities`);
  demand(isRoot || !context.capabilities.add, `${where} has capabilities`);
  for (const mount of container.volumeMounts ?? []) {
    demand(volumes.has(mount.name), `${where} mounts ${mount.name}, which is not there`);
    demand(!mount.subPath, `${where}: a subPath is never updated`);
    demand(container.name !== 'storefront' || mount.readOnly === true,
      `${where} can write to ${mount.name}`);
  }
}

function checkDaemon(container, pod, config, monitors, where) {
  demand(container.image === `wixtokend:${version}`, `${where}: the image is not of this version`);
  const socket = settingOf(config, 'path');
  const [uids, gids] = [uidsOf(config), gidsOf(config)];
  demand(uids.includes(container.securityContext?.runAsUser), `${where}: nobody grants the probes status`);
  for (const kind of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
    const command = container[kind]?.exec?.command ?? [];
    const named = command.find((word) => word.startsWith('--socket='))?.slice('--socket='.length);
    demand((named ?? '/run/wixtokend/wixtokend.sock') === socket, `${where}: ${kind} asks another socket`);
    demand(command.includes('--ready') === (kind === 'readinessProbe'), `${where}: ${kind}: ready or alive?`);
    demand(container[kind]?.timeoutSeconds > 5, `${where}: ${kind} ends before healthcheck's 5 s`);
  }
  for (const app of pod.containers.filter((one) => one.name === 'storefront')) {
    const told = (name) => app.env?.find((one) => one.name === name)?.value;
    demand(told('WIXTOKEN_SOCKET') === socket, `${where}: the application is told of another socket`);
    demand(told('WIXTOKEN_SOCKET_OWNER') === String(container.securityContext?.runAsUser),
      `${where}: the application expects another user's socket`);
    demand(gids.includes(pod.securityContext.fsGroup), `${where}: no rule is for the fsGroup`);
    demand(container.restartPolicy === 'Always', `${where} is no sidecar`);
  }
  // Answers 2 s; with a store also a call that must not be lost (10 s), and the last writes (5 s).
  const port = settingOf(config, 'listen')?.split(':').pop();
  const monitored = monitors.flatMap((one) => one.spec.podMetricsEndpoints.map((end) => end.port));
  demand(container.ports?.some((one) => monitored.includes(one.name) && String(one.containerPort) === port),
    `${where}: the PodMonitor does not find the port of [metrics]`);
  const grace = Number.parseInt(settingOf(config, 'shutdown_grace'), 10);
  const end = grace + (settingOf(config, 'file') ? 17 : 2);
  demand(pod.terminationGracePeriodSeconds > end, `${where} is killed before its end`);
}

for (const file of files) {
  const objects = readObjects(file);
  const monitors = objects.filter((one) => one.kind === 'PodMonitor');
  const configs = new Map(objects.filter((one) => one.kind === 'ConfigMap')
    .map((one) => [one.metadata.name, one.data['wixtokend.toml']]));
  for (const { kind, metadata, spec } of objects.filter((one) => one.spec?.template)) {
    const pod = spec.template.spec;
    const volumes = new Set([...(pod.volumes ?? []), ...(spec.volumeClaimTemplates ?? [])
      .map((one) => one.metadata)].map((one) => one.name));
    const config = configs.get(pod.volumes?.find((one) => one.configMap)?.configMap.name);
    for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
      const where = `${file}: ${kind} ${metadata.name}: ${container.name}`;
      checkContainer(container, volumes, where);
      if (container.name === 'wixtokend') checkDaemon(container, pod, config ?? '', monitors, where);
    }
    demand(config === undefined || pod.securityContext?.seccompProfile?.type === 'RuntimeDefault',
      `${file}: ${kind} ${metadata.name}: no seccomp profile`);
  }
}
for (const one of found) console.log(`bad: ${one}`);
if (found.length === 0) console.log(`good: ${files.length} files`);
process.exitCode = found.length > 0 ? 1 : 0;
