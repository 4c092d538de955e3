// An API description (OpenAPI 3.1 or 3.0, Swagger 2.0) as something to hold answers against.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'];
// What JSON Schema does not know; ajv would take formats such as int64 for mistakes.
const NUMBER_FORMATS = ['int32', 'int64', 'float', 'double', 'byte', 'binary', 'password'];

export class Description {
  /** @param text the YAML text  @param name what messages call it */
  constructor(text, name) {
    this.name = name;
    this.document = withoutExamples(parse(text, { logLevel: 'error' }));
    const modern = String(this.document.openapi ?? '').startsWith('3.1');
    this.ajv = new (modern ? Ajv2020 : Ajv)({ allErrors: true, strict: false, logger: false, validateFormats: modern, validateSchema: modern });
    addFormats(this.ajv);
    NUMBER_FORMATS.forEach((format) => this.ajv.addFormat(format, true));
    this.ajv.addSchema(this.document, 'api', false, false);
    this.compiled = new Map();
    this.operations = Object.entries(this.document.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]).map((method) => ({
        key: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        pointer: ['paths', path, method],
        operation: item[method],
        parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map((parameter) => this.resolve(parameter)),
        pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{(path|filePath)\}/g, '.+').replace(/\{[^}]*\}/g, '[^/]+')}/?$`),
      })),
    );
  }

  /** What makes an OpenAPI 3.1 document none: by the published schema, and references that lead nowhere. */
  formErrors() {
    const file = createRequire(import.meta.url).resolve('@seriousme/openapi-schema-validator/schemas/v3.1/schema.json');
    const check = new Ajv2020({ strict: false, validateFormats: false }).compile(JSON.parse(readFileSync(file, 'utf8')));
    const errors = check(this.document) ? [] : check.errors.map((error) => `${this.name}: ${error.instancePath} ${error.message}`);
    const references = JSON.stringify(this.document).matchAll(/"\$ref":"(#[^"]*)"/g);
    for (const reference of new Set([...references].map((match) => match[1])))
      if (this.resolve({ $ref: reference }) === undefined) errors.push(`${this.name}: ${reference} leads nowhere`);
    const ids = this.operations.map(({ operation }) => operation.operationId);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) errors.push(`${this.name}: two operations are called ${id}`);
    return errors;
  }

  /** Follows `$ref` of what is not a schema. */
  resolve(node) {
    while (node?.$ref) node = node.$ref.slice(2).split('/').reduce((at, step) => at[step.replace(/~1/g, '/').replace(/~0/g, '~')], this.document);
    return node;
  }

  /** The operation that a request is for: the template with the fewest parameters. */
  find(method, path) {
    const fitting = this.operations.filter((operation) => operation.method === method && operation.pattern.test(path));
    return fitting.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
  }

  /** What of a value does not fit a schema; array indices are written as *. */
  schemaErrors(schema, value) {
    let validate = this.compiled.get(schema);
    if (!validate) {
      validate = this.ajv.compile(rebased(schema));
      this.compiled.set(schema, validate);
    }
    if (validate(value)) return [];
    return [...new Set(validate.errors.map((error) => `${error.instancePath.replace(/\/\d+(?=\/|$)/g, '/*')} ${error.message}${error.params.additionalProperty ? ` (${error.params.additionalProperty})` : ''}`))];
  }

  /** What of an answer the description does not say. */
  answerErrors(found, { status, headers, text, json }) {
    const response = this.resolve(found.operation.responses[status]) ?? this.resolve(found.operation.responses.default);
    if (!response) return [`status ${status} is not described`];
    const errors = [];
    for (const [name, given] of Object.entries(response.headers ?? {})) {
      const header = this.resolve(given);
      const value = headers.get(name);
      if (value === null) {
        if (header.required) errors.push(`the header ${name} is missing`);
      } else if (header.schema) {
        errors.push(...this.schemaErrors(header.schema, value).map((error) => `the header ${name}:${error}`));
      }
    }
    return [...errors, ...this.bodyErrors(response, found, { headers, text, json })];
  }

  bodyErrors(response, found, { headers, text, json }) {
    const type = (headers.get('content-type') ?? '').split(';')[0].trim();
    const swagger = this.document.swagger !== undefined;
    const types = swagger ? found.operation.produces ?? this.document.produces ?? ['application/json'] : Object.keys(response.content ?? {});
    const described = swagger ? response.schema !== undefined : types.length > 0;
    if (found.method === 'HEAD') return [];
    if (!described) return text === '' ? [] : ['a body where none is described'];
    if (text === '' && type === '') return ['no body where one is described'];
    const wanted = types.find((name) => name.split(';')[0] === type) ?? types.find((name) => name === '*/*' || (type === 'application/json' && name.endsWith('+json')));
    if (!wanted) return [`the content type ${type} is not described`];
    const schema = swagger ? response.schema : response.content[wanted].schema;
    const isJson = type === 'application/json' && json !== undefined;
    return schema ? this.schemaErrors(schema, isJson ? json : text) : [];
  }

  /** What of a request's body the description does not say. */
  requestErrors(found, { body, type }) {
    const content = this.resolve(found.operation.requestBody)?.content;
    if (body === undefined) return [];
    if (!content) return ['a body where none is described'];
    const schema = content[type]?.schema;
    if (!schema) return [`the content type ${type} is not described`];
    return type === 'application/json' ? this.schemaErrors(schema, JSON.parse(body)) : [];
  }
}

// Examples may hold ids that ajv would take for schemas' own.
function withoutExamples(node, parent = '') {
  if (Array.isArray(node)) return node.map((item) => withoutExamples(item));
  if (node === null || typeof node !== 'object') return node;
  const kept = Object.entries(node).filter(([key]) => parent === 'properties' || !['example', 'examples'].includes(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutExamples(value, key)]));
}

// References inside a schema lead to the whole document, under the name it is known by.
function rebased(node) {
  if (Array.isArray(node)) return node.map(rebased);
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, key === '$ref' && typeof value === 'string' && value.startsWith('#') ? `api${value}` : rebased(value)]),
  );
}
