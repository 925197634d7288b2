// Prints what node:test reports as the lines that ./dev test counts; see tests/support/checks.sh.
import { basename } from 'node:path';

/** The name of a test, in one line and with its file. */
function named({ name, file }) {
  const from = file ? `${basename(file).replace(/\.test\.m?js$/, '')}: ` : '';
  return from + name.replace(/\s+/g, ' ').replace(/^\/.*\//, '');
}

export default async function* checks(source) {
  for await (const { type, data } of source) {
    if (type === 'test:pass' && data.details?.type !== 'suite') {
      const skipped = data.skip !== undefined && data.skip !== false;
      yield skipped ? `skip - ${named(data)} # ${data.skip}\n` : `ok - ${named(data)}\n`;
    } else if (type === 'test:fail') {
      const { cause } = data.details.error;
      const seen = String(cause?.stack ?? cause ?? data.details.error.message);
      yield `not ok - ${named(data)}\n    ${seen.split('\n').slice(0, 40).join('\n    ')}\n`;
    } else if (type === 'test:stderr' || type === 'test:diagnostic') {
      if (type === 'test:stderr') yield data.message;
    }
  }
}
