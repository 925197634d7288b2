// Holds an OpenAPI document against the specification, and answers of the daemon against the
// document: node openapi.mjs DOCUMENT ANSWERS
//
// Stricter than the document: a member that it does not describe is a problem, too.
import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';

const [documentFile, answersFile] = process.argv.slice(2);
const text = readFileSync(documentFile, 'utf8');
const document = parse(text, { maxAliasCount: -1 });
const answers = JSON.parse(readFileSync(answersFile, 'utf8'));
const problems = [];

const validated = await new Validator().validate(structuredClone(document));
if (!validated.valid) problems.push(`not OpenAPI: ${JSON.stringify(validated.errors)}`);

// No object has members that are not described; what is put together of several is left alone.
function close(schema) {
  if (Array.isArray(schema)) return schema.map(close);
  if (schema === null || typeof schema !== 'object') return schema;
  const closed = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, close(value)]));
  if (closed.properties && !closed.allOf && closed.additionalProperties === undefined) {
    closed.additionalProperties = false;
  }
  return closed;
}

const ajv = new Ajv.default({ strict: false, allErrors: true });
formats.default(ajv);
const strict = { ...document, components: { ...document.components, schemas: close(document.components.schemas) } };
ajv.addSchema({ $id: 'api', components: strict.components });
const checks = new Map();

// References of the document, made absolute.
const absolute = (schema) =>
  JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"api#/'));

function check(schema, value, where) {
  const key = JSON.stringify(schema);
  if (!checks.has(key)) checks.set(key, ajv.compile(absolute(close(schema))));
  const valid = checks.get(key);
  if (!valid(value)) problems.push(`${where}: ${ajv.errorsText(valid.errors)}`);
}

function resolve(part) {
  if (!part?.$ref) return part;
  return part.$ref.slice(2).split('/').reduce((at, name) => at[name], document);
}

const isParameter = (segment) => segment.startsWith('{');
function findPath(target) {
  const wanted = target.split('?')[0].split('/');
  return Object.keys(document.paths).find((path) => {
    const segments = path.split('/');
    return (
      segments.length === wanted.length &&
      segments.every((segment, i) => isParameter(segment) || segment === wanted[i])
    );
  });
}

// A header as what its schema takes it for.
const headerValue = (schema, value) => (resolve(schema).type === 'integer' ? Number(value) : value);
const framing = ['content-length', 'content-type', 'connection', 'transfer-encoding'];

function checkHeaders(answer, described, where) {
  const known = new Map(Object.entries(described ?? {}).map(([name, of]) => [name.toLowerCase(), resolve(of)]));
  for (const [name, value] of Object.entries(answer.headers)) {
    if (framing.includes(name)) continue;
    const header = known.get(name);
    if (header) check(header.schema, headerValue(header.schema, value), `${where}: header ${name}`);
    else problems.push(`${where}: header ${name} is not described`);
  }
  if (!answer.headers['x-request-id']) problems.push(`${where}: no X-Request-Id`);
}

function checkBody(answer, described, where) {
  const type = answer.headers['content-type'];
  if (answer.method === 'HEAD' || !described) {
    if (answer.body !== '') problems.push(`${where}: a body where none is described`);
    return;
  }
  const media = type?.split(';')[0];
  const content = described[media];
  if (!content) {
    problems.push(`${where}: ${type} is not described`);
  } else if (media === 'application/json') {
    check(content.schema, JSON.parse(answer.body), where);
  } else if (media === 'application/x-ndjson') {
    const lines = answer.body.trimEnd().split('\n');
    for (const line of lines) check(content.schema, JSON.parse(line), where);
  } else {
    check(content.schema, answer.body, where);
  }
}

const seen = new Set();
const statuses = new Set();
for (const answer of answers) {
  const path = findPath(answer.target);
  const method = answer.method === 'HEAD' ? 'get' : answer.method.toLowerCase();
  const operation = path && document.paths[path][method];
  const where = `${answer.method} ${answer.target.slice(0, 100)} ${answer.status}`;
  if (!operation) {
    problems.push(`${where}: no such operation`);
    continue;
  }
  const response = resolve(operation.responses[answer.status]);
  if (!response) {
    problems.push(`${where}: the status is not described: ${answer.body.slice(0, 200)}`);
    continue;
  }
  statuses.add(answer.status);
  if (answer.status < 300) seen.add(`${method.toUpperCase()} ${path.replace('/apps/{name}', '')}`);
  checkHeaders(answer, response.headers, where);
  checkBody(answer, response.content, where);
}

const operations = Object.entries(document.paths).flatMap(([path, of]) =>
  Object.keys(of)
    .filter((key) => key !== 'parameters')
    .map((method) => `${method.toUpperCase()} ${path.replace('/apps/{name}', '')}`),
);
const unseen = [...new Set(operations)].filter((operation) => !seen.has(operation));
console.log(
  JSON.stringify({ problems, unseen, answers: answers.length, statuses: [...statuses].sort() }),
);
