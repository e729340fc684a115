/**
 * Telnet's commands among the bytes of a line (RFC 854): programs that speak telnet send them on their own, and nobody typed them.
 *
 * Owns: which bytes they are. They are taken out and answered by nothing, which a telnet client takes for a plain line
 * terminal. A byte 255 that begins no command stays; it is no UTF-8, so the line it is in is refused.
 */
const iac = 255;
const dont = 254;
const will = 251;
const subnegotiation = 250;
const endOfSubnegotiation = 240;

/** The bytes of one line without telnet's commands. */
export function withoutTelnetCommands(bytes: Buffer): Buffer {
  if (!bytes.includes(iac)) return bytes;
  const kept: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const command = bytes[at] === iac ? (bytes[at + 1] ?? 0) : 0;
    if (command === subnegotiation) {
      const end = bytes.indexOf(Buffer.from([iac, endOfSubnegotiation]), at);
      at = end === -1 ? bytes.length : end + 2;
    } else if (command >= will && command <= dont) at += 3;
    else if (command >= endOfSubnegotiation && command < subnegotiation) at += 2;
    else kept.push(bytes[at++] as number);
  }
  return Buffer.from(kept);
}
