/** What the metrics' port answers, read as a scraper would. */
import { expect } from 'vitest';
import type { Server } from '../../src/server/server.ts';
import { bodyOf, request } from '../viewer/watcher.ts';

export async function get(server: Server, path: string): Promise<{ status: number | undefined; body: string }> {
  const response = await request({ port: server.metrics?.port, path });
  return { status: response.statusCode, body: await bodyOf(response) };
}

/** The samples by their full names: `statechat_connections{state="menu"}`. */
export async function scrape(server: Server): Promise<Map<string, number>> {
  const { status, body } = await get(server, '/metrics');
  expect(status).toBe(200);
  const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(samples.map((line) => [line.replace(/ \S+$/, ''), Number(line.replace(/^.* /, ''))]));
}

/** The names of all metrics there are. */
export async function metricNames(server: Server): Promise<string[]> {
  const { body } = await get(server, '/metrics');
  return [...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
}
