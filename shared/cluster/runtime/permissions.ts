/** Which role may make which call. Whose jobs and blobs they then get is the services' question. */
import { type Identity, ROLES, type Role } from './identity.js';

const USERS: readonly Role[] = ['viewer', 'planner', 'operator'];
const PLANNERS: readonly Role[] = ['planner', 'operator'];

const CALLERS: ReadonlyMap<string, readonly Role[]> = new Map([
  ['/isola.cluster.v1.Jobs/Submit', PLANNERS],
  ['/isola.cluster.v1.Jobs/Watch', USERS],
  ['/isola.cluster.v1.Jobs/Cancel', PLANNERS],
  ['/isola.cluster.v1.Jobs/List', USERS],
  ['/isola.cluster.v1.Workers/Attach', ['worker']],
  ['/isola.cluster.v1.Blobs/Pull', ['worker', ...USERS]],
  ['/isola.cluster.v1.Blobs/Push', ['worker', ...PLANNERS]],
  ['/grpc.health.v1.Health/Check', ROLES],
  ['/grpc.health.v1.Health/List', ROLES],
  ['/grpc.health.v1.Health/Watch', ROLES],
  ['/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', ['operator']],
  ['/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo', ['operator']],
]);

/** @param rpc the path of a method, as in `JobsService.submit.path`; unknown ones are nobody's */
export function allowed({ role }: Identity, rpc: string): boolean {
  const callers = CALLERS.get(rpc);
  return callers !== undefined && (role === 'local' || callers.includes(role));
}
