import { describe, expect, it } from 'vitest';
import { machineByName, machineNames } from './catalogue.js';

describe('machineByName', () => {
  it('knows every machine by its own name', () => {
    expect(machineNames).toContain('generic-6mv');
    for (const name of machineNames) expect(machineByName(name).name).toBe(name);
  });

  it('refuses other names and says which there are', () => {
    expect(() => machineByName('linac')).toThrow("machine: 'linac' is not built in");
    expect(() => machineByName('toString')).toThrow('generic-6mv');
  });
});
