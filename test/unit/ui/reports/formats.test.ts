import { expect } from 'chai';
import { REPORT_FORMATS, reportFormat } from '../../../../src/ui/reports/formats.js';

describe('the formats of a report', () => {
  it('begin with the default', () => {
    expect(REPORT_FORMATS).to.deep.equal(['text', 'json', 'github', 'sarif']);
  });

  for (const name of REPORT_FORMATS) {
    it(`have ${name} under its own name`, async () => {
      expect((await reportFormat(name)).name).to.equal(name);
    });
  }
});
