#!/usr/bin/env node
import { existsSync } from 'node:fs';

// Who plans can do nothing about a deprecation, as that of addresses which gRPC gives TLS as names.
process.noDeprecation = true;

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('isola is not built yet: run "npm run build"\n');
  process.exitCode = 1;
}
