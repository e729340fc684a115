import { setup } from 'xstate';

/** Two regions, one of them ends; several targets in them at once; an arrow from one region to the other. */
export const player = setup({ actions: { forget: () => {}, sayItIsOver: () => {} } }).createMachine({
  id: 'player',
  type: 'parallel',
  on: {
    reset: { target: ['.sound.muted', '.picture.small'], actions: 'forget' },
    freeze: { target: ['#player.picture.large', '#player.sound.ended'] },
  },
  states: {
    sound: {
      initial: 'muted',
      states: {
        muted: { on: { unmute: 'loud', film: '#player.picture.large' } },
        loud: { on: { mute: 'muted', stop: 'ended' } },
        ended: { type: 'final' },
      },
      onDone: { actions: 'sayItIsOver' },
    },
    picture: {
      initial: 'small',
      states: { small: { on: { grow: 'large' } }, large: { on: { shrink: 'small' } } },
    },
    clock: {},
  },
});
