import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import { checkAddress } from './address.js';
import type { TlsFiles } from './tls-files.js';

const tls: TlsFiles = { ca: Buffer.of(), cert: Buffer.of(), key: Buffer.of() };
const check = (address: string, files: TlsFiles | null) => () =>
  checkAddress(address, files, '--coordinator');

describe('an address', () => {
  it.each(['localhost:0', '127.0.0.1:7400', '127.8.9.1:7400', '[::1]:7400'])(
    'of loopback needs no certificates: %s',
    (address) => {
      check(address, null)();
      check(address, tls)();
    },
  );

  it.each([
    ...['0.0.0.0:7400', '[::]:7400', '10.0.0.5:7400', 'coordinator.example:7400', '[::2]:1'],
    ...['127.evil.example:1', '127.0.0.1.example:1', 'localhost.example:1', '[::ffff:7f00:1]:1'],
  ])('of elsewhere needs certificates: %s', (address) => {
    check(address, tls)();
    expect(check(address, null)).toThrow(InputError);
    expect(check(address, null)).toThrow(`--coordinator: "${address}" needs certificates`);
  });

  it.each([
    ...['', 'localhost', ':7400', 'localhost:', 'localhost:65536', '::1:7400', '[::1]', 'a b:1'],
    ...['dns:///localhost:1', 'unix:/tmp/socket', 'ipv4:127.0.0.1:1,10.0.0.1:2', 'localhost:1\n'],
  ])('is HOST:PORT, not "%s"', (address) => {
    for (const files of [null, tls]) expect(check(address, files)).toThrow('allowed: HOST:PORT');
  });
});
