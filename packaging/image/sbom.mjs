// node sbom.mjs BUILD VERSION DIGEST: what the image is made of, as SPDX 2.3 in JSON, on standard
// output. Nothing is listed by hand: ninja knows which headers and archives the program in BUILD was
// made of, g++ knows its own, and dpkg whose they are.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';

const [build, version, digest] = process.argv.slice(2);
const lines = (command, ...args) =>
  execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 }).split('\n').filter(Boolean);
const created = new Date(Number(process.env.SOURCE_DATE_EPOCH ?? 0) * 1000);

// What g++ adds to a static link by itself.
const toolchain = ['libc.a', 'libm.a', 'libstdc++.a', 'libgcc.a', 'libgcc_eh.a', 'rcrt1.o', 'crtbeginS.o'];

// The files outside of the tree that went into the program.
function filesOfProgram() {
  const inputs = lines('ninja', '-C', build, '-t', 'inputs', 'bin/wixtokend');
  const objects = inputs.filter((one) => one.endsWith('.o'));
  const headers = lines('ninja', '-C', build, '-t', 'deps', ...objects)
    .filter((one) => one.startsWith(' ')).map((one) => one.trim());
  const archives = inputs.filter((one) => one.endsWith('.a'));
  const own = toolchain.map((one) => lines('g++', `-print-file-name=${one}`)[0]);
  return [...headers, ...archives, ...own].filter((one) => one.startsWith('/usr/'));
}

function packagesOf(files) {
  const names = new Set();
  for (const line of lines('dpkg', '-S', ...files)) {
    names.add(line.slice(0, line.indexOf(':')));
  }
  return [...names].sort();
}

// Names of licences as Debian writes them, where SPDX writes others.
const spdxNames = {
  Expat: 'MIT', 'BSD-3-clause': 'BSD-3-Clause', 'BSL-1.0': 'BSL-1.0', 'Apache-2.0': 'Apache-2.0', MIT: 'MIT',
};

// Of Debian's machine-readable copyright files, the licence of most files; others have to be read.
function licenceOf(name) {
  const file = `/usr/share/doc/${name}/copyright`;
  if (!existsSync(file)) return undefined;
  const stanza = readFileSync(file, 'utf8').split(/\n\s*\n/).find((one) => /^Files: \*\s*$/m.test(one));
  return stanza?.match(/^License: *(\S.*)$/m)?.[1].trim();
}

function describePackage(name) {
  const [[full, release, architecture, source, homepage]] =
    lines('dpkg-query', '-W', '-f',
      '${Package}\t${Version}\t${Architecture}\t${source:Package}\t${Homepage}\n', name)
      .map((line) => line.split('\t'));
  const licence = licenceOf(full);
  return {
    SPDXID: `SPDXRef-${full.replaceAll('+', 'plus').replaceAll(/[^A-Za-z0-9.-]/g, '-')}`,
    name: full,
    versionInfo: release,
    supplier: 'Organization: Debian',
    downloadLocation: 'NOASSERTION',
    ...(homepage ? { homepage } : {}),
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: spdxNames[licence] ?? 'NOASSERTION',
    ...(licence && !spdxNames[licence] ? { licenseComments: `Debian calls it ${licence}` } : {}),
    copyrightText: 'NOASSERTION',
    sourceInfo: `built from the Debian source package ${source}`,
    externalRefs: [{
      referenceCategory: 'PACKAGE-MANAGER',
      referenceType: 'purl',
      referenceLocator: `pkg:deb/debian/${encodeURIComponent(full)}@${encodeURIComponent(release)}` +
        `?arch=${architecture}&distro=debian-12`,
    }],
  };
}

const nothing = { downloadLocation: 'NOASSERTION', filesAnalyzed: false, licenseConcluded: 'NOASSERTION',
  licenseDeclared: 'NOASSERTION', copyrightText: 'NOASSERTION' };
const image = {
  SPDXID: 'SPDXRef-image', name: 'wixtokend-image', versionInfo: version, ...nothing,
  primaryPackagePurpose: 'CONTAINER',
  checksums: [{ algorithm: 'SHA256', checksumValue: digest.replace('sha256:', '') }],
  externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl',
    referenceLocator: `pkg:oci/wixtokend@${encodeURIComponent(digest)}` }],
};
const packages = new Map();
const relationships = [{ spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES',
  relatedSpdxElement: image.SPDXID }];
const relate = (from, type, to) =>
  relationships.push({ spdxElementId: from, relationshipType: type, relatedSpdxElement: to });

const describe = (name) => {
  if (!packages.has(name)) packages.set(name, describePackage(name));
  return packages.get(name);
};
const program = { SPDXID: 'SPDXRef-wixtokend', name: 'wixtokend', versionInfo: version, ...nothing,
  licenseDeclared: 'Apache-2.0', primaryPackagePurpose: 'APPLICATION' };
relate(image.SPDXID, 'CONTAINS', program.SPDXID);
const files = [...new Set(filesOfProgram().map((one) => realpathSync(one)))];
for (const name of packagesOf(files)) relate(program.SPDXID, 'STATIC_LINK', describe(name).SPDXID);
relate(image.SPDXID, 'CONTAINS', describe('ca-certificates').SPDXID);

// From the digest, so that the same image has the same document.
const unique = createHash('sha256').update(digest).digest('hex');
console.log(JSON.stringify({
  spdxVersion: 'SPDX-2.3',
  dataLicense: 'CC0-1.0',
  SPDXID: 'SPDXRef-DOCUMENT',
  name: `wixtokend-${version}`,
  documentNamespace: `urn:uuid:${unique.slice(0, 8)}-${unique.slice(8, 12)}-8${unique.slice(13, 16)}-` +
    `8${unique.slice(17, 20)}-${unique.slice(20, 32)}`,
  creationInfo: {
    created: created.toISOString().replace(/\.\d+Z$/, 'Z'),
    creators: [`Tool: wixtokend-sbom-${version}`],
  },
  packages: [image, program, ...packages.values()],
  relationships,
}, null, 1));
