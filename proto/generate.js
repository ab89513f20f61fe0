/** Makes generated/ of the .proto files: one TypeScript file each, by protoc and ts-proto. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const { resolve } = createRequire(import.meta.url);
const files = readdirSync(`${here}cluster`).filter((name) => name.endsWith('.proto'));
const options = [
  'esModuleInterop=true,importSuffix=.js,outputServices=grpc-js,oneof=unions-value',
  'env=node,forceLong=number,unrecognizedEnum=false,stringEnums=true,outputJsonMethods=false',
  'outputPartialMethods=false,removeEnumPrefix=false',
];
rmSync(`${here}generated`, { recursive: true, force: true });
mkdirSync(`${here}generated`);
execFileSync(
  process.execPath,
  [
    resolve('protoc/protoc.cjs'),
    `--plugin=protoc-gen-ts_proto=${here}../node_modules/.bin/protoc-gen-ts_proto`,
    `--ts_proto_out=${here}generated`,
    `--ts_proto_opt=${options.join(',')}`,
    `--proto_path=${here}cluster`,
    ...files,
  ],
  { stdio: 'inherit' },
);
