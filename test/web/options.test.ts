/** The options of the page on the command line. */
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../src/cli/serveOptions.ts';
import { ipAddresses, origins } from '../../src/config/kinds.ts';

describe('--web', () => {
  it('alone has a port of its own, and is off without it', () => {
    expect(parseOptions(['--web']).webPort).toBe(65_435);
    expect(parseOptions(['--web', '8080']).webPort).toBe(8080);
    expect(parseOptions([]).webPort).toBeUndefined();
  });

  it('has the names of --web-origin, each as browsers say it', () => {
    const names = 'https://Chat.example.org/, http://192.168.1.5:65435,https://a.example:443';
    expect(parseOptions(['--web-origin', names]).webOrigin).toBe(
      'https://chat.example.org,http://192.168.1.5:65435,https://a.example',
    );
  });

  it.each(['chat.example.org', 'https://a.example/chat', 'ftp://a.example', 'https://a.example,', ''])(
    'has no name %j',
    (name) => {
      expect(() => origins.read(name)).toThrow('It must be the beginning of an address, as https://chat.example.org; ');
    },
  );

  it('believes proxies by their addresses only', () => {
    expect(parseOptions(['--web-proxy', '10.0.0.1, ::1']).webProxy).toBe('10.0.0.1,::1');
    expect(() => ipAddresses.read('proxy.example')).toThrow('It must be an IP address; several with commas between.');
  });
});
