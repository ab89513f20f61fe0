/** The OpenAPI 3.1 document of the gateway, made from its routes. */
import { JOB_PAGE_SCHEMA, JOB_SCHEMA } from './job-json.js';
import { PLAN_SCHEMA } from './job-routes.js';
import { PROBLEM_SCHEMA } from './problem.js';
import { type Answer, PROBLEM_TYPE, type Route, type Schema } from './route.js';

/** Schemas with a name, which others refer to. */
const NAMED: ReadonlyMap<unknown, string> = new Map([
  [JOB_SCHEMA, 'Job'],
  [JOB_PAGE_SCHEMA, 'JobPage'],
  [PLAN_SCHEMA, 'Plan'],
  [PROBLEM_SCHEMA, 'Problem'],
]);

/** What any route may answer besides its own. */
const ANYWHERE: Route['answers'] = {
  400: { description: 'A parameter is wrong.' },
  401: { description: 'The certificate names no tenant and role.' },
  403: { description: 'The role may not make this call.' },
  503: { description: 'Paused, or another coordinator leads.' },
};

export function openApi(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  }
  const schemas = [...NAMED].map(([schema, name]) => [name, inside(schema)] as const);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Isola',
      version: '1',
      description: 'Radiotherapy plans made by a cluster. For research; not for clinical use.',
    },
    paths,
    components: { schemas: Object.fromEntries(schemas) },
  };
}

function operation({ summary, parameters, body, answers }: Route): object {
  const content = body?.mediaTypes.map((type) => [type, { schema: referred(body.schema) }]);
  const all = Object.entries({ ...ANYWHERE, ...answers });
  return {
    summary,
    parameters: parameters.map((parameter) => ({
      ...parameter,
      required: parameter.in === 'path',
    })),
    ...(body &&
      content && {
        requestBody: { description: body.description, content: Object.fromEntries(content) },
      }),
    responses: Object.fromEntries(all.map(([code, answer]) => [code, response(code, answer)])),
  };
}

function response(code: string, { description, mediaType, schema, headers = [] }: Answer): object {
  const isProblem = Number(code) >= 400;
  const type = isProblem ? PROBLEM_TYPE : mediaType;
  const content = isProblem ? PROBLEM_SCHEMA : schema;
  const named = headers.map((name) => [name, { schema: { type: 'string' } }]);
  return {
    description,
    ...(headers.length > 0 && { headers: Object.fromEntries(named) }),
    ...(type && {
      content: { [type]: content === undefined ? {} : { schema: referred(content) } },
    }),
  };
}

/** A schema by its name where it has one. */
function referred(schema: unknown): unknown {
  const name = NAMED.get(schema);
  return name === undefined ? inside(schema) : { $ref: `#/components/schemas/${name}` };
}

function inside(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(referred);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema as Schema).filter(([key]) => key !== '$schema');
  return Object.fromEntries(entries.map(([key, value]) => [key, referred(value)]));
}
