// Notes with their times -> sound, by a small synthesiser: a plucked string of three partials.

const PARTIALS = [
  { times: 1, share: 0.6, lasts: 1.4 },
  { times: 2, share: 0.22, lasts: 0.8 },
  { times: 3, share: 0.08, lasts: 0.5 },
];

/** notes: [{note, start, seconds, pitch}]; sounding(names) as they change; ended() -> stop(). */
export function play(notes, { sounding, ended }) {
  const context = new AudioContext();
  const out = new DynamicsCompressorNode(context);
  const quiet = new GainNode(context, { gain: 0.5 });
  quiet.connect(out).connect(context.destination);
  const begin = context.currentTime + 0.08;
  for (const { start, seconds, pitch } of notes) pluck(context, quiet, begin + start, seconds, pitch);
  const end = Math.max(0, ...notes.map(({ start, seconds }) => start + seconds));

  let last = "";
  let frame;
  const follow = () => {
    const now = context.currentTime - begin;
    const names = notes.filter(({ start, seconds }) => start <= now && now < start + seconds).map(({ note }) => note);
    if (names.join() !== last) sounding(names);
    last = names.join();
    if (now > end + 0.4) stop();
    else frame = requestAnimationFrame(follow);
  };
  const stop = () => {
    cancelAnimationFrame(frame);
    if (context.state !== "closed") context.close();
    sounding([]);
    ended();
  };
  frame = requestAnimationFrame(follow);
  return stop;
}

function pluck(context, out, at, seconds, pitch) {
  const frequency = 440 * 2 ** ((pitch - 69) / 12);
  for (const { times, share, lasts } of PARTIALS) {
    const string = new OscillatorNode(context, { frequency: frequency * times, type: "sine" });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(share, at + 0.012);
    volume.gain.setTargetAtTime(0, at + 0.012, lasts / 2);
    volume.gain.setTargetAtTime(0, at + seconds, 0.06); // the damper
    string.connect(volume).connect(out);
    string.start(at);
    string.stop(at + seconds + 0.5);
  }
}
