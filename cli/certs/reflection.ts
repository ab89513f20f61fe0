/**
 * What `tsyringe`, under @peculiar/x509, asks the language for before it loads: metadata of
 * constructor parameters. No class in there has any, so "there is none" is the whole answer.
 */
const answers = {
  getMetadata: () => undefined,
  getOwnMetadata: () => undefined,
  defineMetadata: () => {},
};

if (!('getMetadata' in Reflect)) Object.assign(Reflect, answers);
