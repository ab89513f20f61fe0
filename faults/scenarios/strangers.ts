import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChannelCredentials, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { CLIENT_OPTIONS, clientCredentials, identityUri } from '@isola/cluster/runtime';
import { blobs } from '@isola/cluster/wire';
import { freePorts } from '@isola/coordinator/nats';
import {
  type AlternativeName,
  type Authority,
  type KeyedCertificate,
  newAuthority,
} from 'isola/authority';
import { startPart } from 'isola/cluster-processes';
import { type Fault, longest } from '../lab/fault.js';
import { temporaryFolder } from '../lab/temporary.js';

const HOUR_MS = 3_600_000;
const MOST_MS = 1_000;
/** A call that is not answered by then has not been refused. */
const DEADLINE_MS = 5_000;
const PAYLOAD = Buffer.alloc(1_000, 1);

const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
const VALID = { notBefore: at(-1), notAfter: at(24) };
const url = (value: string): AlternativeName => ({ type: 'url', value });
const PLANNER = url(identityUri('a', 'planner'));

/** Callers without a certificate, or with one that is not right. */
export const strangers: Fault = {
  number: 23,
  summary: 'no certificate, that of another authority, an expired one, wrong names in it',
  trials: 20,
  async run(trials, progress) {
    const folder = temporaryFolder('strangers');
    const [ours, other] = [await newAuthority('one', VALID), await newAuthority('one', VALID)];
    const [port] = await freePorts(1);
    const rpc = `localhost:${port}`;
    await writeCertificates(join(folder, 'certs'), ours);
    const args = ['serve', '--store', 'store', '--http', 'none', '--certs', 'certs'];
    const part = await startPart(folder, [...args, '--listen', rpc], /listens on/);
    const refusedMs: number[] = [];
    let letIn = 0;
    try {
      for (const [name, as] of Object.entries(await allStrangers(ours, other))) {
        for (let trial = 0; trial < trials; trial++) {
          const startMs = performance.now();
          if (!(await isRefused(rpc, as))) letIn++;
          refusedMs.push(performance.now() - startMs);
        }
        progress(`${name}: ${letIn} let in`);
      }
      const payloads = readdirSync(join(folder, 'store', 'blobs')).length;
      const refusedWithinMs = longest(refusedMs);
      const isKept = letIn === 0 && payloads === 0;
      const pass = isKept && refusedWithinMs <= MOST_MS;
      const seen = { tries: refusedMs.length, taken: letIn, payloads, refusedWithinMs };
      return { pass, isKept, trials, ...seen };
    } finally {
      await part.end();
    }
  },
};

async function writeCertificates(folder: string, authority: Authority): Promise<void> {
  mkdirSync(folder);
  const { certificate, key } = await authority.issue({
    ...{ ...VALID, name: 'coordinator', isServer: true },
    alternativeNames: [
      url(identityUri('cluster', 'coordinator')),
      { type: 'dns', value: 'localhost' },
    ],
  });
  writeFileSync(join(folder, 'ca.crt'), authority.certificate);
  writeFileSync(join(folder, 'coordinator.crt'), certificate);
  writeFileSync(join(folder, 'coordinator.key'), key);
}

async function allStrangers(ours: Authority, other: Authority) {
  const as = ({ certificate, key }: KeyedCertificate) =>
    clientCredentials({
      ca: Buffer.from(ours.certificate),
      cert: Buffer.from(certificate),
      key: Buffer.from(key),
    });
  const holder = { ...VALID, name: 'stranger', isServer: false, alternativeNames: [PLANNER] };
  const issued = async (more: Partial<typeof holder>, by = ours) =>
    as(await by.issue({ ...holder, ...more }));
  const named = (...alternativeNames: AlternativeName[]) => issued({ alternativeNames });
  return {
    'without TLS': credentials.createInsecure(),
    'without a certificate': credentials.createSsl(Buffer.from(ours.certificate)),
    'of another authority': await issued({}, other),
    expired: await issued({ notBefore: at(-3), notAfter: at(-2) }),
    'of the future': await issued({ notBefore: at(2), notAfter: at(3) }),
    'of no role': await named(url('isola://a/admin')),
    'of two roles': await named(PLANNER, url('isola://b/operator')),
    'of a role in a path': await named(url('isola://a/b/planner')),
    'of a worker of one tenant': await named(url(identityUri('a', 'worker'))),
  } satisfies Record<string, ChannelCredentials>;
}

/** Whether neither a push nor a pull is done. */
async function isRefused(rpc: string, as: ChannelCredentials): Promise<boolean> {
  const client = new blobs.BlobsClient(rpc, as, CLIENT_OPTIONS);
  const deadline = { deadline: Date.now() + DEADLINE_MS };
  const error = await new Promise<ServiceError | null>((resolve) => {
    const call = client.push(deadline, resolve);
    call.on('error', () => {});
    call.write({ data: PAYLOAD, totalBytes: PAYLOAD.length });
    call.end();
  });
  client.close();
  return error?.code === status.UNAVAILABLE || error?.code === status.UNAUTHENTICATED;
}
