// Drives a packaged kubectl against the gateway's in-memory cluster: `node tests/e2e/kubectl/run.mjs build/dev/binnacle-gateway`.
// Prints one line per check and at the end `N passed, N failed`; exits 1 if any failed, 2 if it could not run.
import {spawn, spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const gateway = process.argv[2];
const kubectlPath = process.env.KUBECTL ?? 'kubectl';
if (!gateway) {
  console.error('usage: node tests/e2e/kubectl/run.mjs PATH/binnacle-gateway   (KUBECTL=path for another kubectl)');
  process.exit(2);
}
const client = spawnSync(kubectlPath, ['version', '--client'], {encoding: 'utf8'});
if (client.status !== 0) {
  console.error('kubectl is not installed (Debian: apt-get install kubernetes-client)');
  process.exit(2);
}

console.log(client.stdout.split('\n')[0]);

const home = mkdtempSync(join(tmpdir(), 'binnacle-kubectl-'));
writeFileSync(join(home, 'config'), 'apiVersion: v1\nkind: Config\n'); // 1.20 warns on stderr when there is none
writeFileSync(join(home, 'index.html'), '<!doctype html><title>kubectl tests</title>');
const server = spawn(gateway, ['--port', '0', '--data-dir', join(home, 'data'), '--static', home, '--kube-speed', '10'], {stdio: ['ignore', 'pipe', 'pipe']});
let errors = '';
server.stderr.on('data', (bytes) => (errors += bytes));

const address = await new Promise((resolve) => {
  let output = '';
  server.stdout.on('data', (bytes) => {
    output += bytes;
    const found = output.match(/Binnacle is at (http:\/\/\S+?)\/?\s/);
    if (found) resolve(found[1]);
  });
  server.on('exit', () => resolve(null));
});
if (!address) {
  console.error(`the gateway did not start:\n${errors}`);
  rmSync(home, {recursive: true, force: true});
  process.exit(2);
}

const environment = {...process.env, HOME: home, KUBECONFIG: join(home, 'config')};
const base = ['--server', `${address}/k8s`];

function kubectl(command, input, extra = {}) {
  const result = spawnSync(kubectlPath, [...base, ...command.split(' ')], {env: {...environment, ...extra}, input, encoding: 'utf8', timeout: 60_000});
  return {code: result.status, out: result.stdout, err: result.stderr, text: result.stdout + result.stderr};
}

// Collects the output of a long command until `pattern` appears in it, then ends the command.
function follow(command, pattern, meanwhile = () => {}) {
  return new Promise((resolve) => {
    const child = spawn(kubectlPath, [...base, ...command.split(' ')], {env: environment});
    let text = '';
    let started = false;
    const finish = () => {
      clearTimeout(timer);
      child.kill('SIGTERM');
      resolve(text);
    };
    const timer = setTimeout(finish, 60_000);
    const take = (bytes) => {
      text += bytes;
      if (!started) {
        started = true;
        meanwhile();
      }
      if (pattern.test(text)) finish();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('exit', finish);
  });
}

let passed = 0;
let failed = 0;
function check(name, holds, shown = '') {
  if (holds) {
    passed += 1;
    console.log(`ok    ${name}`);
  } else {
    failed += 1;
    console.log(`FAIL  ${name}\n${String(shown).replace(/^/gm, '      | ')}`);
  }
}
function matches(name, result, pattern, code = 0) {
  check(name, result.code === code && pattern.test(result.text), `exit ${result.code}, wanted ${code} and ${pattern}\n${result.text}`);
}

const web = (image, replicas) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  ${replicas === undefined ? '' : `replicas: ${replicas}`}
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: ${image}
        ports:
        - containerPort: 80
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort
  selector: {app: web}
  ports:
  - port: 80
`;

// One object of each kind that the checks above do not make, to be described.
const others = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: queue}
spec:
  serviceName: queue
  replicas: 1
  selector: {matchLabels: {app: queue}}
  template: {metadata: {labels: {app: queue}}, spec: {containers: [{name: queue, image: "redis:7"}]}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: agent, image: "nginx:1.27"}]}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: once, image: busybox}]}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: disk}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front}
spec: {rules: [{host: shop.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: shown}
data: {colour: blue}
---
apiVersion: v1
kind: Secret
metadata: {name: hidden}
stringData: {password: hunter2}
`;

const ships = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ships.fleet.example.com}
spec:
  group: fleet.example.com
  scope: Namespaced
  names: {plural: ships, singular: ship, kind: Ship, shortNames: [sh]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.crew, statusReplicasPath: .status.aboard}}
    additionalPrinterColumns:
    - {name: Port, type: string, jsonPath: .spec.port}
    - {name: Crew, type: integer, jsonPath: .spec.crew}
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          spec: {type: object, required: [port], properties: {port: {type: string}, crew: {type: integer, minimum: 1, default: 4}}}
          status: {type: object, properties: {aboard: {type: integer}}}
`;
const ship = (port) => `apiVersion: fleet.example.com/v1\nkind: Ship\nmetadata: {name: anna}\nspec: {port: ${port}}\n`;
const zone = `apiVersion: dns.networking.miloapis.com/v1alpha1\nkind: DNSZone\nmetadata: {name: blog}\nspec: {domainName: blog.example}\n`;

try {
  matches('version', kubectl('version'), /Server Version/);
  matches('api-resources', kubectl('api-resources'), /deployments\s+deploy\s+apps/);
  matches('get namespaces', kubectl('get namespaces'), /NAME\s+STATUS\s+AGE\n(.*\n)*default\s+Active/);
  matches('get nodes', kubectl('get nodes'), /NAME\s+STATUS\s+ROLES\s+AGE\s+VERSION\n(\S+\s+Ready\s+.*\n){3}/);
  matches('get -o wide', kubectl('get nodes -o wide'), /INTERNAL-IP\s+EXTERNAL-IP\s+OS-IMAGE/);

  matches('apply, client side', kubectl('apply -f -', web('nginx:1.27', 2)), /deployment.apps\/web created\nservice\/web created/);
  matches('rollout status', kubectl('rollout status deployment/web --timeout=60s'), /successfully rolled out/);
  matches('get pods', kubectl('get pods'), /NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\n(web-\S+\s+1\/1\s+Running\s+0\s+\S+\n){2}$/);
  matches('get deployment', kubectl('get deploy web'), /NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE\nweb\s+2\/2\s+2\s+2/);
  matches('get service', kubectl('get svc web'), /web\s+NodePort\s+10\.96\.\d+\.\d+\s+<none>\s+80:3\d{4}\/TCP/);
  matches('get endpoints', kubectl('get endpoints web'), /web\s+10\.244\.\d+\.\d+:80,10\.244\.\d+\.\d+:80/);
  matches('get all', kubectl('get all'), /pod\/web-[\s\S]*service\/web[\s\S]*deployment.apps\/web[\s\S]*replicaset.apps\/web-/);
  matches('get -o jsonpath', kubectl('get deploy web -o jsonpath={.status.readyReplicas}'), /^2$/);
  matches('get -l', kubectl('get pods -l app=web --no-headers'), /^(web-.*\n){2}$/);
  matches('get --field-selector', kubectl('get pods --field-selector=status.phase=Pending'), /No resources found/);
  matches('get events', kubectl('get events'), /LAST SEEN\s+TYPE\s+REASON\s+OBJECT\s+MESSAGE\n[\s\S]*Scheduled/);
  matches('get what is not there', kubectl('get deploy nothing'), /Error from server \(NotFound\): deployments.apps "nothing" not found/, 1);

  const watched = await follow('get pods -w', /web-\S+\s+1\/1\s+Running[\s\S]*ContainerCreating[\s\S]*1\/1\s+Running/, () => kubectl('scale deployment/web --replicas=3'));
  check('get -w shows a scaled-up pod become ready', /ContainerCreating[\s\S]*1\/1\s+Running/.test(watched), watched);
  matches('scale', kubectl('get deploy web -o jsonpath={.spec.replicas}'), /^3$/);
  matches('scale back', kubectl('scale deployment/web --replicas=2 --current-replicas=3'), /deployment.apps\/web scaled/);
  matches('wait', kubectl('wait --for=condition=available deployment/web --timeout=60s'), /condition met/);

  matches('describe deployment', kubectl('describe deployment web'), /StrategyType:\s+RollingUpdate[\s\S]*NewReplicaSet:\s+web-[\s\S]*ScalingReplicaSet/);
  const pod = kubectl('get pods -l app=web -o jsonpath={.items[0].metadata.name}').out;
  matches('describe pod', kubectl(`describe pod ${pod}`), /Status:\s+Running[\s\S]*Image:\s+nginx:1.27[\s\S]*Events:[\s\S]*Pulled/);
  matches('describe service', kubectl('describe svc web'), /Endpoints:\s+10\.244/);
  matches('describe node', kubectl(`describe node ${kubectl('get nodes -o jsonpath={.items[0].metadata.name}').out}`), /Capacity:[\s\S]*Conditions|Conditions:[\s\S]*Capacity/);
  matches('logs', kubectl(`logs ${pod} --tail=3`), /\S+/);
  const followed = await follow(`logs -f ${pod} --tail=1`, /\n[\s\S]*\n/);
  check('logs -f goes on', followed.split('\n').length >= 3, followed);
  matches('logs of a container that is not there', kubectl(`logs ${pod} -c nothing`), /container nothing is not valid for pod/, 1);

  matches('apply again, nothing to do', kubectl('apply -f -', web('nginx:1.27')), /deployment.apps\/web (unchanged|configured)\nservice\/web unchanged/);
  matches('apply a new image', kubectl('apply -f -', web('nginx:1.26')), /deployment.apps\/web configured/);
  matches('rollout status of the new image', kubectl('rollout status deployment/web --timeout=60s'), /successfully rolled out/);
  matches('rollout history', kubectl('rollout history deployment/web'), /REVISION[\s\S]*1\s[\s\S]*2\s/);
  matches('rollout undo', kubectl('rollout undo deployment/web'), /rolled back/);
  matches('the image is the old one again', kubectl('get deploy web -o jsonpath={.spec.template.spec.containers[0].image}'), /^nginx:1.27$/);
  matches('rollout restart', kubectl('rollout restart deployment/web'), /restarted/);
  matches('set image', kubectl('set image deployment/web web=nginx:1.25'), /image updated/);
  matches('label', kubectl('label deployment web tier=front'), /labeled/);
  matches('annotate', kubectl('annotate deployment web note=hello'), /annotated/);
  matches('patch', kubectl('patch deployment web -p {"spec":{"minReadySeconds":1}}'), /patched/);

  matches('apply, server side', kubectl('apply --server-side -f -', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\ndata: {a: "1"}\n'), /configmap\/shared serverside-applied/);
  matches('a conflict names the manager and the field',
          kubectl('apply --server-side --field-manager=other -f -', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\ndata: {a: "2"}\n'),
          /conflict with "kubectl"[^]*\.data\.a/, 1);
  matches('--force-conflicts takes over',
          kubectl('apply --server-side --force-conflicts --field-manager=other -f -', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\ndata: {a: "2"}\n'),
          /serverside-applied/);

  matches('edit', kubectl('edit deployment web', undefined, {KUBE_EDITOR: 'sed -i s/nginx:1.25/nginx:1.24/'}), /deployment.apps\/web edited/);
  matches('the edit is stored', kubectl('get deploy web -o jsonpath={.spec.template.spec.containers[0].image}'), /^nginx:1.24$/);
  matches('an edit that breaks the rules is refused and kept aside', kubectl('edit deployment web', undefined, {KUBE_EDITOR: "sed -i 's/^  replicas: [0-9]*/  replicas: -2/'"}), /is invalid[^]*spec.replicas|spec.replicas[^]*is invalid|Edit cancelled|A copy of your changes/, 1);
  matches('rollout status of the edit', kubectl('rollout status deployment/web --timeout=60s'), /successfully rolled out/);

  const shell = kubectl(`exec ${kubectl('get pods -l app=web -o jsonpath={.items[0].metadata.name}').out} -- ls`);
  matches('exec is refused with a reason', shell, /simulated containers[^]*kubectl logs/, 1);

  matches('apply one of each other kind', kubectl('apply -f -', others), /^(\S+ created\n){9}/);
  matches('rollout status of a StatefulSet', kubectl('rollout status statefulset/queue --timeout=60s'), /complete|1 pods/);
  matches('rollout status of a DaemonSet', kubectl('rollout status daemonset/agent --timeout=60s'), /successfully rolled out/);
  matches('rollout restart of a StatefulSet', kubectl('rollout restart statefulset/queue'), /restarted/);
  kubectl('wait --for=condition=complete job/once --timeout=60s');
  for (const [kind, name, shows] of [
    ['statefulset', 'queue', /Pods Status:[^]*Events:[^]*SuccessfulCreate/],
    ['daemonset', 'agent', /Desired Number of Nodes Scheduled: 3[^]*Events:[^]*SuccessfulCreate/],
    ['replicaset', '', /Controlled By:\s+Deployment\/web/],
    ['job', 'once', /Completions:\s+1[^]*Events:[^]*Completed/],
    ['pvc', 'disk', /Status:\s+Bound[^]*Events:[^]*ProvisioningSucceeded/],
    ['ingress', 'front', /shop.example[^]*web:80/],
    ['networkpolicy', 'closed', /PodSelector:\s+app=web/],
    ['serviceaccount', 'robot', /Name:\s+robot/],
    ['configmap', 'shown', /colour:\n----\nblue/],
    ['secret', 'hidden', /password:\s+7 bytes/],
    ['namespace', 'default', /Status:\s+Active/],
    ['endpoints', 'web', /Addresses:\s+10\.244/],
    ['crd', 'dnszones.dns.networking.miloapis.com', /Kind:\s+DNSZone[^]*Established/],
    ['dnszone', 'shop-example', /Nameservers:[^]*Events:[^]*Ready/],
  ]) {
    matches(`describe ${kind}`, kubectl(`describe ${kind}${name && ' ' + name}`), shows);
  }

  matches('a definition makes a kind', kubectl('apply -f -', ships), /ships.fleet.example.com created/);
  matches('wait for it to be established', kubectl('wait --for=condition=established crd/ships.fleet.example.com --timeout=60s'), /condition met/);
  matches('api-resources knows it', kubectl('api-resources --api-group=fleet.example.com'), /ships\s+sh\s+fleet.example.com(\/v1)?\s+true\s+Ship/);
  matches('apply an object of it', kubectl('apply -f -', ship('Kiel')), /ship.fleet.example.com\/anna created/);
  matches('get by its short name, with its columns', kubectl('get sh'), /NAME\s+PORT\s+CREW\nanna\s+Kiel\s+4\n/);
  matches('apply a change to it', kubectl('apply -f -', ship('Bremen')), /ship.fleet.example.com\/anna configured/);
  matches('apply server side, another manager', kubectl('apply --server-side --field-manager=other -f -', ship('Oslo')), /conflict with "kubectl[^]*\.spec\.port/, 1);
  matches('an object against its schema is refused', kubectl('apply -f -', ship('7')), /spec.port: Invalid value: "integer"[^]*must be of type string/, 1);
  matches('patch it', kubectl('patch ship anna --type=merge -p {"spec":{"crew":6}}'), /patched/);
  matches('scale it', kubectl('scale ship/anna --replicas=9'), /scaled/);
  matches('its scale is in its spec', kubectl('get ship anna -o jsonpath={.spec.crew}'), /^9$/);
  matches('edit it', kubectl('edit ship anna', undefined, {KUBE_EDITOR: 'sed -i s/Bremen/Bergen/'}), /ship.fleet.example.com\/anna edited/);
  matches('delete the definition', kubectl('delete crd ships.fleet.example.com'), /deleted/);
  matches('its kind is gone', kubectl('get ships'), /the server doesn't have a resource type "ships"|NotFound[^]*could not find the requested resource/, 1);  // by what kubectl remembers of it

  matches('create a DNS zone', kubectl('apply -f -', zone), /dnszone.dns.networking.miloapis.com\/blog created/);
  matches('and wait until it is Ready', kubectl('wait --for=condition=Ready dnszone/blog --timeout=60s'), /condition met/);
  matches('get dnszones', kubectl('get dnszones'), /NAME\s+DOMAIN\s+RECORDS\s+ACCEPTED\s+PROGRAMMED\s+AGE\nblog\s+blog.example\s+0\s+True\s+True/);
  matches('get dnsrecordsets', kubectl('get dnsrecordsets'), /shop-example-mx\s+shop-example\s+MX\s+True/);
  matches('get domains', kubectl('get domains'), /legacy-invalid\s+legacy.invalid\s+False[^]*shop-example\s+shop.example\s+True/);
  matches('get httpproxies', kubectl('get httpproxies'), /storefront\s+www.shop.example \S+\s+True\s+True/);
  matches('get exportpolicies', kubectl('get exportpolicies'), /metrics-to-grafana\s+True\s+grafana/);

  matches('create job', kubectl('create job hello --image=busybox'), /job.batch\/hello created/);
  matches('the job completes', kubectl('wait --for=condition=complete job/hello --timeout=60s'), /condition met/);
  matches('create configmap', kubectl('create configmap settings --from-literal=a=1'), /created/);
  matches('create secret', kubectl('create secret generic keys --from-literal=a=1'), /created/);
  matches('an invalid object is refused with its fields', kubectl('create deployment Bad_Name --image=x'), /Invalid value: "Bad_Name"|is invalid/, 1);
  matches('auth can-i', kubectl('auth can-i delete pods'), /^yes/);

  matches('an image that does not exist', kubectl('create deployment broken --image=nginx:nonexistent'), /created/);
  const broken = await follow('get pods -l app=broken -w', /ImagePullBackOff/);
  check('shows ImagePullBackOff', /ImagePullBackOff/.test(broken), broken);

  matches('delete a pod', kubectl(`delete pod -l app=broken --wait=false`), /deleted/);
  matches('delete deployments', kubectl('delete deployment web broken'), /deployment.apps "web" deleted\ndeployment.apps "broken" deleted/);
  kubectl('wait --for=delete pod -l app=web --timeout=60s');
  matches('its pods are gone', kubectl('get pods -l app=web'), /No resources found/);
  matches('create namespace', kubectl('create namespace team'), /namespace\/team created/);
  matches('delete namespace', kubectl('delete namespace team'), /namespace "team" deleted/);
} finally {
  server.kill('SIGTERM');
  await new Promise((resolve) => (server.exitCode !== null ? resolve() : server.on('exit', resolve)));
  rmSync(home, {recursive: true, force: true});
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
