/** Which steps of a log are those of the chart of a cluster member. */
import { expect, it } from 'vitest';
import { stepsBesideChart } from './memberTrace.ts';

const line = (state: string): string => `{"level":"info","state":"${state}","msg":"cluster state"}\n`;
const logOf = (...states: string[]): string => states.map(line).join('');

it('takes what the chart leads to by one event, from a state or one around it', () => {
  const outage = ['joining', 'healthy', 'reconnecting', 'standalone', 'rejoining', 'healthy', 'unresponsive', 'fenced'];
  expect(stepsBesideChart(`{"msg":"listening"}\n${logOf(...outage, 'joining', 'healthy', 'leaving', 'left')}`)).toEqual(
    [],
  );
});

it('names every other step', () => {
  const wrong = ['healthy', 'standalone', 'healthy', 'joining'];
  expect(stepsBesideChart(logOf('joining', ...wrong))).toEqual([
    'healthy standalone',
    'standalone healthy',
    'healthy joining',
  ]);
  expect(stepsBesideChart(logOf('healthy'))).toEqual(['starting healthy']);
});
