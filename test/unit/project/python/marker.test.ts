import { expect } from 'chai';
import { markerApplies, type PythonEnvironment } from '../../../../src/project/python/marker.js';
import { parseRequirement } from '../../../../src/project/python/requirement.js';

const PYTHON_311: PythonEnvironment = { pythonVersion: '3.11', platform: 'linux/amd64' };

describe('markerApplies', () => {
  const cases: [marker: string, expected: boolean, environment?: PythonEnvironment][] = [
    ['python_version >= "3.10"', true],
    ['python_version >= "3.9" and python_version < "3.11"', false],
    ['python_version < "3.9"', false],
    // As versions, not as text: "3.11" comes before "3.9" in the alphabet.
    ['python_version > "3.9"', true],
    ['"3.9" <= python_version', true],
    ['python_version == "3.11"', true],
    ['python_version == "3.*"', true],
    ['python_version != "3.11"', false],
    ['python_version ~= "3.8"', true],
    ['python_version in "3.10 3.11"', true],
    ['python_version not in "3.10 3.11"', false],
    ['python_full_version >= "3.11.0"', true],
    ['python_full_version < "3.11.4"', false, { pythonVersion: '3.11.4' }],
    ['python_full_version < "3.11.4"', true, { pythonVersion: '3.11.3' }],
    ['sys_platform == "linux"', true],
    ["sys_platform == 'win32'", false],
    ['os_name == "nt"', false],
    ['platform_system == "Darwin"', false],
    ['platform_system != "Windows"', true],
    ['platform_machine == "x86_64"', true],
    ['platform_machine == "x86_64"', false, { platform: 'linux/arm64' }],
    ['platform_machine == "aarch64"', true, { platform: 'linux/arm64' }],
    ['implementation_name == "pypy"', false],
    ['extra == "dev"', false],
    ['sys_platform == "win32" or python_version >= "3.10"', true],
    ['(sys_platform == "win32" or os_name == "posix") and python_version < "3.11"', false],
    // A Python that is not known is one of those that are possible.
    ['python_version < "3"', false, {}],
    ['"3" > python_version', false, {}],
    ['python_full_version < "3.0.0"', false, {}],
    ['python_version < "3.10"', true, {}],
    ['python_version >= "3.9" and python_version < "3.9"', false, {}],
    ['python_version < "3.8" or python_version > "3.99"', true, {}],
    ['python_version in "2.6 2.7"', false, {}],
    ['python_version ~= "2.7"', false, {}],
    ['python_version < "3.10"', false, { requiresPython: '>=3.10' }],
    ['python_version < "3.10"', true, { requiresPython: '>=3.9' }],
    ['python_version < "3.10"', true, { requiresPython: 'not a specifier' }],
    // Everything else that is unknown counts as met, but decides nothing that is decided otherwise.
    ['python_version < "3" and sys_platform == "win32"', false, {}],
    ['python_version < "3" or sys_platform == "linux"', true, {}],
    ['platform_release == "x"', true],
  ];
  for (const [marker, expected, environment = PYTHON_311] of cases) {
    const where = environment === PYTHON_311 ? '' : ` with ${JSON.stringify(environment)}`;
    it(`${marker} is ${String(expected)}${where}`, async () => {
      const requirement = parseRequirement(`x ; ${marker}`);
      expect(requirement?.marker).to.not.equal(undefined);
      expect(await markerApplies(requirement?.marker, environment)).to.equal(expected);
    });
  }

  it('no marker always applies', async () => {
    expect(await markerApplies(undefined, {})).to.equal(true);
  });
});
