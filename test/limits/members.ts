/**
 * Many users at a server that runs as a program: plain sockets that count what they read, so that thousands fit in a test.
 *
 * Owns: how each of them connects, speaks and stops reading, and what the server's process takes of the machine.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { deadlineMs } from '../support/deadline.ts';
import { menuEnd } from '../support/wireTexts.ts';

export class Member {
  readonly name: string;
  readonly socket: Socket;
  /** All text read, unless somebody takes it line by line. */
  text = '';
  /** Hears of every chunk that is read. */
  onText: (text: string) => void = (text) => {
    this.text += text;
    this.#look();
  };
  hasEnded = false;
  #look: () => void = () => {};

  constructor(name: string, socket: Socket) {
    this.name = name;
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.onText(text));
    socket.on('end', () => {
      this.hasEnded = true;
      this.#look();
    });
    socket.on('close', () => {
      this.hasEnded = true;
      this.#look();
    });
    socket.on('error', () => {});
  }

  say(text: string): void {
    this.socket.write(`${text}\n`);
  }

  stopReading(): void {
    this.socket.pause();
  }

  readOn(): void {
    this.socket.resume();
  }

  /** Waits until all that was read fulfils this; fails after a while, or when the connection ends before. */
  until(isSo: (text: string) => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void =>
        reject(new Error(`${this.name} waits for ${what}: ${why}; read ${this.text.slice(-300)}`));
      const timer = setTimeout(() => fail('too long'), deadlineMs);
      this.#look = () => {
        if (!isSo(this.text) && !this.hasEnded) return;
        clearTimeout(timer);
        this.#look = () => {};
        if (isSo(this.text)) resolve();
        else fail('the connection has ended');
      };
      this.#look();
    });
  }

  reads(text: string): Promise<void> {
    return this.until((all) => all.includes(text), JSON.stringify(text));
  }

  /** Reads everything up to the end of the connection. */
  readsToTheEnd(): Promise<void> {
    return this.until(() => this.hasEnded, 'the end');
  }
}

export function arrive(port: number, name: string): Promise<Member> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    onTestFinished(() => {
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('connect', () => resolve(new Member(name, socket)));
  });
}

/** With an id, in the menu. */
export async function enter(port: number, name: string): Promise<Member> {
  const member = await arrive(port, name);
  member.say(name);
  await member.reads(menuEnd);
  return member;
}

/** In the common room, all of them. */
export async function gatherRoom(port: number, names: readonly string[]): Promise<Member[]> {
  const members: Member[] = [];
  for (const name of names) {
    const member = await enter(port, name);
    member.say('3');
    await member.reads('Joined common room.');
    members.push(member);
  }
  await members[0]?.reads(`${names.at(-1)} joined the common room.`);
  for (const member of members) member.text = '';
  return members;
}

/** In a private chat. */
export async function pair(asker: Member, target: Member): Promise<void> {
  asker.say('1');
  asker.say(target.name);
  await target.reads(`${asker.name} wants to chat`);
  target.say('y');
  await Promise.all([asker.reads(`Chat started with ${target.name}`), target.reads(`Chat started with ${asker.name}`)]);
  asker.text = '';
  target.text = '';
}

/** What the process holds in memory, in MB. */
export function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** User and system time of the process so far, in ms. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** The value below which so many of a hundred are. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}
