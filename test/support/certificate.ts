/**
 * A certificate that signs itself, made of nothing but Node, so that tests of TLS need no other program.
 *
 * Owns: its form, X.509 version 1 in DER. Knows nothing of files, nor of who trusts it. Next: `secure.ts`.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const dayMs = 24 * 60 * 60 * 1000;

/** Tags of ASN.1. */
const tag = { integer: 0x02, bits: 0x03, objectId: 0x06, text: 0x0c, time: 0x17, sequence: 0x30, set: 0x31 };

/** The object ids that a certificate needs, as their bytes. */
const objectId = {
  commonName: Buffer.from('550403', 'hex'),
  ecdsaWithSha256: Buffer.from('2a8648ce3d040302', 'hex'),
};

function der(kind: keyof typeof tag, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const long = content.length > 0xff ? [0x82, content.length >> 8, content.length & 0xff] : [0x81, content.length];
  return Buffer.concat([Buffer.from([tag[kind], ...(content.length < 0x80 ? [content.length] : long)]), content]);
}

/** `261126120000Z`. */
function derTime(ms: number): Buffer {
  return der('time', Buffer.from(`${new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14)}Z`));
}

/** In PEM form: a certificate of this common name, from yesterday to tomorrow, and its private key. */
export function selfSigned(commonName: string): { certificate: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = der('objectId', objectId.commonName);
  const subject = der('sequence', der('set', der('sequence', name, der('text', Buffer.from(commonName)))));
  const algorithm = der('sequence', der('objectId', objectId.ecdsaWithSha256));
  const toBeSigned = der(
    'sequence',
    // The first byte keeps the number positive.
    der('integer', Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    subject,
    der('sequence', derTime(Date.now() - dayMs), derTime(Date.now() + dayMs)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = der('bits', Buffer.from([0]), sign('sha256', toBeSigned, privateKey));
  const base64 = der('sequence', toBeSigned, algorithm, signature).toString('base64');
  const lines = base64.match(/.{1,64}/g)?.join('\n');
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
