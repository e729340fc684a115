/**
 * A terminal for tests: tmux, driven in the user's verbs.
 *
 * Owns: one tmux server of its own for each terminal, and the waiting for what its screen shows. The command runs in a
 * shell that stays behind it, so that what is left on the screen, the exit status and the state of the terminal can be
 * seen afterwards. Knows nothing of the program it runs.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach } from 'vitest';
import { deadlineMs } from './deadline.ts';
import { describeNeeding, isInstalled } from './describeNeeding.ts';

const run = promisify(execFile);

const pollMs = 20;

/** Prints the exit status as `[exit 0]`, then a prompt as `shell$ `. Ctrl-C is for the command alone. */
const shellScript = String.raw`trap : INT; "$@"; printf '[exit %s]\n' "$?"; PS1='shell$ ' exec sh`;

const open = new Set<Terminal>();

/** `describe` for tests that need a terminal; without tmux they are skipped. */
export function describeInTerminal(title: string, define: () => void): void {
  describeNeeding('tmux', isInstalled('tmux', '-V'), title, () => {
    afterEach(async () => {
      await Promise.all([...open].map((terminal) => terminal.close()));
    });
    define();
  });
}

export interface TerminalOptions {
  columns?: number;
  rows?: number;
  env?: Record<string, string>;
}

export class Terminal {
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  /** Runs a command, given as an argument list, in a terminal of its own. */
  static async start(command: readonly string[], options: TerminalOptions = {}): Promise<Terminal> {
    const { columns = 80, rows = 24, env = {} } = options;
    const terminal = new Terminal(join(tmpdir(), `statechat-test-${randomUUID()}`));
    open.add(terminal);
    const variables = Object.entries({ LC_ALL: 'C.UTF-8', ...env }).flatMap(([name, value]) => [
      '-e',
      `${name}=${value}`,
    ]);
    const size = ['-x', String(columns), '-y', String(rows)];
    const shell = ['sh', '-c', shellScript, 'sh', ...command];
    await terminal.#tmux('-u', '-f', '/dev/null', 'new-session', '-d', ...size, ...variables, ...shell);
    return terminal;
  }

  /** Types text as it is, without Enter. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', '--', text);
  }

  /** Presses keys by their tmux names: `Enter`, `C-c`, `Left`, ... */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  /** Pastes a text as terminals do: between the codes of bracketed paste, if the command has asked for them. */
  async paste(text: string): Promise<void> {
    await this.#tmux('set-buffer', '--', text);
    await this.#tmux('paste-buffer', '-p', '-r');
  }

  /** From now on everything that is written to the terminal is also written to a file. */
  async record(file: string): Promise<void> {
    await this.#tmux('pipe-pane', '-o', `cat >> '${file}'`);
  }

  async say(line: string): Promise<void> {
    await this.type(line);
    await this.press('Enter');
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /**
   * The rows as they are on the screen, without trailing blanks; `scrollback: true` adds what has scrolled away,
   * `colours: true` the codes of colours and the like.
   */
  async screen({ scrollback = false, colours = false } = {}): Promise<string> {
    const text = await this.#tmux('capture-pane', '-p', ...(scrollback ? ['-S', '-'] : []), ...(colours ? ['-e'] : []));
    return text.replace(/[ \t]+$/gm, '').trimEnd();
  }

  /** Returns true if the bell has rung: tmux marks a window for that if no terminal shows it. */
  async hasRung(): Promise<boolean> {
    return (await this.#tmux('display-message', '-p', '#{window_bell_flag}')).trim() === '1';
  }

  /** Where the cursor is, counted from 0. */
  async cursor(): Promise<{ column: number; row: number }> {
    const [column, row] = (await this.#tmux('display-message', '-p', '#{cursor_x} #{cursor_y}')).split(' ').map(Number);
    return { column: column ?? -1, row: row ?? -1 };
  }

  /** Waits until the screen shows the text; fails with what it showed last. */
  async expectScreen(expected: string | RegExp): Promise<string> {
    const deadline = Date.now() + deadlineMs;
    for (;;) {
      const screen = await this.screen();
      if (typeof expected === 'string' ? screen.includes(expected) : expected.test(screen)) return screen;
      if (Date.now() > deadline) {
        const frame = screen.replace(/^/gm, '  | ');
        throw new Error(`The screen didn't show ${JSON.stringify(String(expected))} in ${deadlineMs} ms:\n${frame}`);
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  /** Ends the terminal and everything in it. A second call does nothing. */
  async close(): Promise<void> {
    if (!open.delete(this)) return;
    await this.#tmux('kill-server').catch(() => {});
    // tmux leaves its socket behind.
    await rm(this.#socket, { force: true });
  }

  async #tmux(...args: string[]): Promise<string> {
    // Whether the tests themselves are run without colours is nothing to the program in the terminal.
    const { NO_COLOR: _, ...env } = process.env;
    const { stdout } = await run('tmux', ['-S', this.#socket, ...args], { encoding: 'utf8', env });
    return stdout;
  }
}
