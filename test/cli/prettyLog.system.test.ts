/** The log on a terminal is for people, unless JSON is asked for. */
import { it } from 'vitest';
import { program } from '../support/program.ts';
import { describeInTerminal, Terminal } from '../support/terminal.ts';

describeInTerminal('the log on a terminal', () => {
  const serve = [...program, 'serve', '--port', '0'];

  it('is pretty', async () => {
    const terminal = await Terminal.start(serve);
    await terminal.expectScreen(/^\d\d:\d\d:\d\d info {2}listening host=127\.0\.0\.1/m);
  });

  it('is JSON with --log-format json', async () => {
    const terminal = await Terminal.start([...serve, '--log-format', 'json']);
    await terminal.expectScreen('{"level":30,');
  });
});
