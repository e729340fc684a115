/**
 * Which pages may speak with this server, and whose address a request is from.
 *
 * Owns: what Host and Origin have to be, and which proxies are believed. A page from elsewhere can make its own name mean this
 * machine, but it can't take an address for a name, nor say that it came from another origin. Knows nothing of what is
 * asked for.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { canonicalAddress } from '../transport/address.ts';

export interface OriginsOptions {
  /** Where else the page is, `https://chat.example.org`: behind a proxy, or under a name. */
  origins: readonly string[];
  /** True if programs that are no browsers, which say no origin, may come too. */
  withoutOrigin: boolean;
  /** The addresses of proxies that say in `X-Forwarded-For` whom they come from. */
  proxies: readonly string[];
}

export class Origins {
  readonly #origins: ReadonlySet<string>;
  readonly #hosts: ReadonlySet<string>;
  readonly #withoutOrigin: boolean;
  readonly #proxies: ReadonlySet<string>;

  constructor({ origins, withoutOrigin, proxies }: OriginsOptions) {
    const urls = origins.map((origin) => new URL(origin));
    this.#origins = new Set(urls.map(({ origin }) => origin));
    this.#hosts = new Set(urls.map(({ host }) => host));
    this.#withoutOrigin = withoutOrigin;
    this.#proxies = new Set(proxies.map(canonicalAddress));
  }

  /** True if the server is asked by an address, as this machine, or by a name that it was told. */
  isOwnHost(host: string | undefined): boolean {
    const url = parse(`http://${host}`);
    if (url === undefined || url.host !== host?.toLowerCase().replace(/:80$/, '')) return false;
    const name = url.hostname.replace(/^\[(.+)\]$/, '$1');
    return name === 'localhost' || isIP(name) !== 0 || this.#hosts.has(url.host);
  }

  /** True if the page that asks is this server's own, or what asks is no page. */
  mayJoin({ origin, host }: IncomingHttpHeaders): boolean {
    if (origin === undefined) return this.#withoutOrigin;
    const url = parse(origin);
    if (url === undefined || !/^https?:$/.test(url.protocol)) return false;
    return this.#origins.has(url.origin) || url.host === host?.toLowerCase();
  }

  /** Of the addresses that a named proxy says it has come through, the last one that is no named proxy. */
  clientOf(address: string, { 'x-forwarded-for': forwarded = '' }: IncomingHttpHeaders): string {
    if (!this.#proxies.has(address)) return address;
    const hops = String(forwarded)
      .split(',')
      .map((hop) => hop.trim());
    const client = hops.reverse().find((hop) => !this.#proxies.has(canonicalAddress(hop)));
    return client !== undefined && isIP(client) !== 0 ? canonicalAddress(client) : address;
  }
}

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}
