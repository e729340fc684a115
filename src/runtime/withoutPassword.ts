/**
 * An address without the user name and the password in it, for logs, messages and `--print-config`.
 *
 * Owns: where a password can stand in a URL. It takes away too much rather than too little: everything between the scheme
 * and the last `@`, because a password that isn't escaped may hold `@`, `/`, `?` and `:` itself.
 */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@');
}
