/** Who gives an option its value: the command line, the environment, a configuration file; and what is said of mistakes. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCommand } from '../../src/cli/command.ts';
import { serveOptions } from '../../src/cli/serveOptions.ts';
import { type Kind, oneOf, rate, seconds, text, wholeNumber } from '../../src/config/kinds.ts';
import { readSettings } from '../../src/config/sources.ts';
import type { Row } from '../../src/config/table.ts';
import { Secret } from '../../src/runtime/secret.ts';
import { runProgram } from '../support/runProgram.ts';

interface Values {
  port: number;
  waitMs: number;
  speed: number;
  level: 'low' | 'high';
  page?: number;
  key?: string;
}

const secretText: Kind<string> = { ...text, isSecret: true, show: () => '***' };

const table: readonly Row<Values>[] = [
  { flag: '--port <port>', sets: 'port', meaning: '', kind: wholeNumber(0, 65_535), default: 1 },
  { flag: '--wait <seconds>', sets: 'waitMs', meaning: '', kind: seconds, default: 1000 },
  { flag: '--speed <lines>', sets: 'speed', meaning: '', kind: rate, default: 1 },
  { flag: '--level <level>', sets: 'level', meaning: '', kind: oneOf(['low', 'high']), default: 'low' },
  { flag: '--page [port]', sets: 'page', meaning: '', kind: wholeNumber(0, 65_535), impliedValue: 80 },
  { flag: '--key <text>', sets: 'key', meaning: '', kind: secretText },
];
const presets = { port: 1, waitMs: 1000, speed: 1, level: 'low' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statechat-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A file with this text; answers its path. */
function file(content: string | Record<string, unknown>): string {
  const path = join(folder, 'chat.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function read(...argv: string[]): Partial<Values> {
  return readSettings(createCommand('test', 'test').exitOverride(), table, argv);
}

/** What it writes on standard error instead of a result. */
function complaint(...argv: string[]): string {
  let said = '';
  const command = createCommand('test', 'test').exitOverride();
  command.configureOutput({
    writeErr: (part) => {
      said += part;
    },
  });
  expect(() => readSettings(command, table, argv)).toThrow();
  return said;
}

/** What it reads, and what it says on standard error beside it. */
function warnings(...argv: string[]): { said: string; values: Partial<Values> } {
  let said = '';
  const command = createCommand('test', 'test').exitOverride();
  command.configureOutput({
    writeErr: (part) => {
      said += part;
    },
  });
  const values = readSettings(command, table, argv);
  return { said, values };
}

describe('an option', () => {
  it('has its default, if it has one', () => {
    expect(read()).toEqual(presets);
  });

  it('has the value of the file that --config or STATECHAT_CONFIG names', () => {
    const given = { port: 2, wait: 2.5, speed: 0.5, level: 'high', page: 7, key: 'a b' };
    const meant = { port: 2, waitMs: 2500, speed: 0.5, level: 'high', page: 7, key: 'a b' };
    expect(read('--config', file(given))).toEqual(meant);
    vi.stubEnv('STATECHAT_CONFIG', file(given));
    expect(read()).toEqual(meant);
  });

  it('has the value of the environment though the file says otherwise', () => {
    vi.stubEnv('STATECHAT_PORT', '3');
    expect(read('--config', file({ port: 2, wait: 2 }))).toEqual({ ...presets, port: 3, waitMs: 2000 });
  });

  it('has the value of the command line though both say otherwise, and if it is the default', () => {
    vi.stubEnv('STATECHAT_PORT', '3');
    expect(read('--port', '4', '--config', file({ port: 2 }))).toEqual({ ...presets, port: 4 });
    expect(read('--port', '1', '--config', file({ port: 2 }))).toEqual(presets);
  });

  it('may stand alone, where its table says so', () => {
    expect(read('--page')).toEqual({ ...presets, page: 80 });
    expect(read('--page', '--port', '2')).toEqual({ ...presets, port: 2, page: 80 });
    expect(read('--config', file({ page: true }))).toEqual({ ...presets, page: 80 });
    vi.stubEnv('STATECHAT_PAGE', 'true');
    expect(read()).toEqual({ ...presets, page: 80 });
  });

  it('that may stand alone is not set when it is false', () => {
    expect(read('--config', file({ page: false }))).toEqual(presets);
    expect(read('--page', 'false', '--config', file({ page: 7 }))).toEqual(presets);
    vi.stubEnv('STATECHAT_PAGE', 'false');
    expect(read('--config', file({ page: 7 }))).toEqual(presets);
  });
});

describe('a configuration file', () => {
  it('may be an empty object, have a byte order mark, blanks, and any character in its texts', () => {
    expect(read('--config', file('{}'))).toEqual(presets);
    const content = '\uFEFF\r\n\t{ "key" : "\\u00e9\\"\\\\{,", \r\n "port":2\n}\n\n';
    expect(read('--config', file(content))).toEqual({ ...presets, key: 'é"\\{,', port: 2 });
  });

  it.each([
    ['{"prot": 1}', 2, "there is no option 'prot'. (Did you mean 'port'?)"],
    ['{"--port": 1}', 2, "there is no option '--port'. (Did you mean 'port'?)"],
    ['{"colour": 1}', 2, "there is no option 'colour'. --help lists them."],
    ['{"config": "x"}', 2, "there is no option 'config'. --help lists them."],
    ['{"__proto__": 1}', 2, "there is no option '__proto__'. --help lists them."],
    ['{"port": 70000}', 2, "'port' can't be '70000'. It must be a whole number from 0 to 65535."],
    ['{"port": "1"}', 2, "'port' can't be '1'. It must be a number, without quotes."],
    ['{"port": true}', 2, "'port' can't be 'true'. It must be a number, without quotes."],
    ['{"page": "1"}', 2, "'page' can't be '1'. It must be a number, without quotes, or true or false."],
    ['{"wait": 0}', 2, "'wait' can't be '0'. It must be a number of seconds above 0 and at most 2147483."],
    ['{"level": "hihg"}', 2, "'level' can't be 'hihg'. Allowed choices are low, high. (Did you mean high?)"],
    ['{"level": 1}', 2, "'level' can't be '1'. It must be a text in double quotes."],
    ['{"key": 12345}', 2, "'key' can't be what it holds. It must be a text in double quotes."],
    ['{"port": 1, "port": 1}', 13, "'port' is given twice."],
    ['', 1, "the file ends, where '{' is expected."],
    ['[]', 1, "there is '[', where '{' is expected."],
    ['{"port": 1', 11, "the file ends, where ',' or '}' is expected."],
    ['{"port" 1}', 9, "there is '1', where ':' is expected."],
    ['{"port": 1,}', 12, "there is '}', where an option in double quotes is expected."],
    ['{port: 1}', 2, "there is 'port', where an option in double quotes is expected."],
    ['{"port": 1} {}', 13, "there is '{', where the end of the file is expected."],
    ['{"port": 01}', 10, "there is '01', where a text in double quotes, a number, true or false is expected."],
    ['{"port": null}', 10, "there is 'null', where a text in double quotes, a number, true or false is expected."],
    ['{"port": [1]}', 10, "there is '[', where a text in double quotes, a number, true or false is expected."],
    ['{"key": "x}', 9, 'a text has no end, where a text in double quotes, a number, true or false is expected.'],
  ])('with %s is answered with the column and what is wrong', (content, column, says) => {
    const path = file(content);
    expect(complaint('--config', path)).toBe(`test: ${path}, line 1, column ${column}: ${says}\n`);
  });

  it('is answered with the line of its mistake', () => {
    const path = file('{\n  "port": 1,\r\n\n  "prot": 2\n}\n');
    expect(complaint('--config', path)).toContain(`${path}, line 4, column 3: `);
  });

  it('has to be right where the command line says otherwise, too', () => {
    expect(complaint('--port', '1', '--config', file({ port: 'x' }))).toContain("'port' can't be 'x'");
  });

  it('has to be there, be a file, and have no more than 65,536 bytes', () => {
    expect(complaint('--config', join(folder, 'none.json'))).toMatch(
      /^test: can't read .*none\.json: there is no such file\.\n$/,
    );
    expect(complaint('--config', folder)).toMatch(/^test: can't read .*: it is a directory\.\n$/);
    expect(read('--config', file(`{}${' '.repeat(65_534)}`))).toEqual(presets);
    expect(complaint('--config', file(`{}${' '.repeat(65_535)}`))).toContain('is longer than 65536 bytes');
  });
});

describe('a variable that no option has', () => {
  it.each([
    ['STATECHAT_PROT', '(Did you mean STATECHAT_PORT?)'],
    ['STATECHAT_LEVLE', '(Did you mean STATECHAT_LEVEL?)'],
    ['statechat_port', '(Did you mean STATECHAT_PORT?)'],
    ['STATECHATPORT', '(Did you mean STATECHAT_PORT?)'],
    ['STATECHAT_CONFIGURATION', '--help lists them.'],
    ['STATECHAT_SERVICE_HOST', '--help lists them.'],
  ])('%s is named, without its value, and nothing ends', (variable, hint) => {
    vi.stubEnv(variable, 'hunter2');
    const { said, values } = warnings();
    expect(values).toEqual(presets);
    expect(said).toBe(`test: no option has the variable ${variable}, so it is ignored. ${hint}\n`);
  });

  it('is not one of ours, and not one of others', () => {
    vi.stubEnv('STATECHAT_LEVEL', 'high');
    vi.stubEnv('STATIC', 'x');
    expect(warnings()).toEqual({ said: '', values: { ...presets, level: 'high' } });
  });
});

describe.skipIf(process.platform === 'win32')('a file that holds a secret', () => {
  it('is named if others can read it, and only then', () => {
    const path = file({ key: 'hunter2' });
    chmodSync(path, 0o644);
    expect(warnings('--config', path).said).toBe(`test: ${path} holds a secret, and others can read it: chmod o-r.\n`);
    chmodSync(path, 0o640);
    expect(warnings('--config', path).said).toBe('');
    const plain = file({ port: 2 });
    chmodSync(plain, 0o644);
    expect(warnings('--config', plain).said).toBe('');
  });
});

describe('a secret', () => {
  const secret: readonly string[] = ['redis', 'redisLines', 'tlsKey', 'passwordFile'];
  const redis = serveOptions.filter(({ sets }) => secret.includes(sets));
  const hint = /^test: what was given for option '--redis <url>' is not valid\. It [^\n]+\n$/;

  it.each([
    ...['redis://chat:hun/hunter2@127.0.0.1:1', 'redis://chat:hu@hunter2/x@127.0.0.1:1'],
    ...['redis://chat:p@hunter2:w/o#rd%?@127.0.0.1:1', 'redis://chat:hunter2%@127.0.0.1', 'redis://chat:hunter2%zz@h'],
    ...['redis://chat:hunter2 @127.0.0.1', 'redis://chat:hun\nhunter2@127.0.0.1', 'redis://chat:123/hunter2@127.0.0.1'],
    ...['redis://:hunter2', 'redis://127.0.0.1:hunter2', 'redis://chat:hunter2@', 'redis://127.0.0.1/hunter2'],
    ...['redis://127.0.0.1:6379?password=hunter2', 'redis://127.0.0.1:6379/0#hunter2', 'chat:hunter2@127.0.0.1:6379'],
    ...['redis:/chat:hunter2@127.0.0.1', 'redis://chat:hunter2@127.0.0.1:99999', 'http://chat:hunter2@127.0.0.1'],
    ...['hunter2', '//hunter2', 'redis://chat:hunter2@127.0.0.1:6379/hunter2'],
    ...['redis+sentinel://chat:hunter2@127.0.0.1', 'redis+cluster://chat:hunter2@127.0.0.1/1', 'unix://hunter2'],
    ...['redis+unix://chat:hunter2@127.0.0.1', 'redis://chat:hunter2@one,two', 'redis+hunter2://127.0.0.1'],
  ])('in an address of Redis that is none is not shown: %j', (url) => {
    const complaints = (argv: string[]): string => {
      let said = '';
      const command = createCommand('test', 'test').exitOverride();
      command.configureOutput({
        writeErr: (part) => {
          said += part;
        },
      });
      expect(() => readSettings(command, redis, argv)).toThrow();
      return said;
    };
    expect(complaints(['--redis', url])).toMatch(hint);
    expect(complaints(['--redis', url])).not.toContain('hunter');
    expect(complaints(['--redis-lines', 'redis://here', '--redis-lines', url])).not.toContain('hunter');
    expect(complaints(['--config', file({ redis: url })])).not.toContain('hunter');
    vi.stubEnv('STATECHAT_REDIS', url);
    expect(complaints([])).not.toContain('hunter');
  });

  it.each([
    ['in the place of another option', ['--port', 'redis://chat:hunter2@127.0.0.1']],
    ['in the place of a file', ['--config', 'redis://chat:hunter2@127.0.0.1']],
    ['as an option', ['--redis://chat:hunter2@127.0.0.1']],
    ['as an argument', ['redis://chat:hunter2@127.0.0.1']],
  ])('is not shown %s', (_, argv) => {
    expect(complaint(...argv)).not.toContain('hunter');
  });

  it.each([
    '{"level": "redis://chat:hunter2@127.0.0.1"}',
    '{"redis://chat:hunter2@127.0.0.1": 1}',
    '{"level" "redis://chat:hunter2@127.0.0.1"}',
    '{"port": 1 "redis://chat:hunter2hunter2hunter2hunter2hunter2@127.0.0.1"}',
    '{"level": redis://chat:hunter2@127.0.0.1}',
  ])('is not shown where a file has it in a wrong place: %s', (content) => {
    expect(complaint('--config', file(content))).not.toContain('hunter');
  });

  it.each([
    ['--tls-key', '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----'],
    ['--password-file', '$scrypt$ln=15,r=8,p=3$hunter2$hunter2'],
  ])('is not shown where the file that holds it was to be named: %s', async (flag, text) => {
    const { stdout, stderr, exitCode } = await runProgram(['serve', flag, text]);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
    expect(stderr).toMatch(
      /^statechat: what was given for option '[^']+' is not valid\. It must be the name of a file/,
    );
    expect(stderr).not.toContain('hunter');
  });

  it('shows itself in no way but one', () => {
    const secret = new Secret('hunter2');
    expect([`${secret}`, String(secret), JSON.stringify({ secret }), inspect({ secret })].join()).not.toContain(
      'hunter',
    );
    expect(secret.reveal()).toBe('hunter2');
  });
});

describe('--print-config', () => {
  /** What it prints, without a process of its own. */
  function printed<T>(rows: readonly Row<T>[], ...argv: string[]): string {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`exit ${code}`);
    });
    try {
      const command = createCommand('test', 'test').exitOverride();
      expect(() => readSettings(command, rows, ['--print-config', ...argv])).toThrow('exit 0');
      return write.mock.calls.map(([part]) => part).join('');
    } finally {
      write.mockRestore();
      exit.mockRestore();
    }
  }

  it('aligns each option, its value and who gave it, and shows no secret', () => {
    vi.stubEnv('STATECHAT_SPEED', '0.5');
    const path = file({ wait: 2.5, key: 'hunter2' });
    expect(printed(table, '--config', path, '--page')).toBe(
      [
        'port   1    default',
        `wait   2.5  file ${path}`,
        'speed  0.5  environment STATECHAT_SPEED',
        'level  low  default',
        'page   80   flag',
        `key    ***  file ${path}`,
        '',
      ].join('\n'),
    );
  });

  it('shows what is not set', () => {
    expect(printed(table, '--page', 'false')).toContain('page   -    flag\nkey    -    default\n');
  });

  it.each([
    ['redis://127.0.0.1:6379', 'redis://127.0.0.1:6379'],
    ['redis://lior:hunter2@127.0.0.1:6379', 'redis://***@127.0.0.1:6379'],
    ['rediss://:hunter2@[::1]:6379/1', 'rediss://***@[::1]:6379/1'],
    ['redis://lior:h@unter2@127.0.0.1:6379', 'redis://***@127.0.0.1:6379'],
    ['redis://lior:hun:ter2@127.0.0.1', 'redis://***@127.0.0.1'],
    ['rediss+sentinel://lior:hunter2@one,[::1]:2/chat/1', 'rediss+sentinel://***@one,[::1]:2/chat/1'],
    ['redis+unix://:hunter2@/run/redis.sock?db=1', 'redis+unix://***@/run/redis.sock?db=1'],
  ])('shows no password of Redis: %j', (url, shown) => {
    const row = serveOptions.find(({ sets }) => sets === 'redis') as unknown as Row<{ redis: string }>;
    expect(printed([row], '--redis', url)).toBe(`redis  ${shown}  flag\n`);
  });

  it('shows all that was given for an option that may be repeated', () => {
    const row = serveOptions.find(({ sets }) => sets === 'redisLines') as unknown as Row<{ redisLines: string }>;
    const [one, other] = ['redis://lior:hunter2@one', 'unix:///run/redis.sock'];
    const shown = 'redis-lines  redis://***@one unix:///run/redis.sock  ';
    expect(printed([row], '--redis-lines', one, '--redis-lines', other)).toBe(`${shown}flag\n`);
    expect(printed([row], '--redis-lines', ` ${one}  ${other}`)).toBe(`${shown}flag\n`);
    vi.stubEnv('STATECHAT_REDIS_LINES', `${one} ${other}`);
    expect(printed([row])).toBe(`${shown}environment STATECHAT_REDIS_LINES\n`);
    expect(printed([row], '--redis-lines', other)).toBe(`redis-lines  ${other}  flag\n`);
    expect(() => row.kind.read(' ')).toThrow('It must be an address, or several with blanks between.');
  });

  it('ends statechat serve without listening', async () => {
    const { stdout, ...ended } = await runProgram(['serve', '--print-config', '--config', file({ 'id-timeout': 5 })], {
      env: {
        STATECHAT_PORT: '0',
      },
    });
    expect(ended).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toMatch(/^port +0 +environment STATECHAT_PORT$/m);
    expect(stdout).toMatch(/^id-timeout +5 +file .*chat\.json$/m);
    expect(stdout).not.toContain('listening');
  });
});
