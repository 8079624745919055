/** A stretch of time, in milliseconds. */
export interface Stretch {
  from: number;
  to: number;
}

/** Idle time that is drawn shorter than it was. */
export interface Gap extends Stretch {
  /** Where it is drawn, in compressed milliseconds from the start. */
  at: number;
  width: number;
}

/** Maps times to places on an axis on which idle time is short. */
export interface TimeScale {
  start: number;
  end: number;
  /** The length of the axis, in compressed milliseconds. */
  length: number;
  gaps: Gap[];
  /** The place of a time, in compressed milliseconds from the start. */
  place(time: number): number;
  /** The time at a place. */
  time(place: number): number;
}

/**
 * Makes a scale from the stretches in which something ran. What lies between them is idle; an idle stretch that is much longer than
 * its share of the busy time is drawn as long as that share, so that a night of waiting does not hide seconds of work.
 */
export function timeScale(busy: readonly Stretch[], start: number, end: number, share = 0.04): TimeScale {
  const merged: Stretch[] = [];
  for (const stretch of [...busy].sort((a, b) => a.from - b.from)) {
    const from = Math.max(start, stretch.from);
    const to = Math.min(end, Math.max(stretch.to, stretch.from));
    const last = merged.at(-1);
    if (last && from <= last.to) {
      last.to = Math.max(last.to, to);
    } else if (to >= from) {
      merged.push({ from, to });
    }
  }

  const worked = merged.reduce((sum, stretch) => sum + stretch.to - stretch.from, 0);
  const gapWidth = Math.max(worked * share, 1);
  const gapMax = 4 * gapWidth;
  const idle: Stretch[] = [];
  let at = start;
  for (const stretch of merged) {
    if (stretch.from - at > gapMax) {
      idle.push({ from: at, to: stretch.from });
    }

    at = Math.max(at, stretch.to);
  }

  if (end - at > gapMax) {
    idle.push({ from: at, to: end });
  }

  let saved = 0;
  const gaps: Gap[] = idle.map(stretch => {
    const gap = { ...stretch, at: stretch.from - start - saved, width: gapWidth };
    saved += stretch.to - stretch.from - gapWidth;
    return gap;
  });
  const length = Math.max(end - start - saved, 1);

  return {
    start,
    end,
    length,
    gaps,
    place(time) {
      const within = Math.min(Math.max(time, start), end);
      let before = 0;
      for (const gap of gaps) {
        if (within >= gap.to) {
          before += gap.to - gap.from - gap.width;
        } else if (within > gap.from) {
          return gap.at + ((within - gap.from) / (gap.to - gap.from)) * gap.width;
        } else {
          break;
        }
      }

      return within - start - before;
    },
    time(place) {
      let shift = 0;
      for (const gap of gaps) {
        if (place >= gap.at + gap.width) {
          shift = gap.to - start - (gap.at + gap.width);
        } else if (place > gap.at) {
          return gap.from + ((place - gap.at) / gap.width) * (gap.to - gap.from);
        } else {
          break;
        }
      }

      return start + place + shift;
    },
  };
}

/** A length of time, as short as it can be read. */
export function duration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) {
    return '';
  }

  const ms = Math.max(0, milliseconds);
  if (ms < 1) {
    return ms === 0 ? '0 ms' : '<1 ms';
  }

  if (ms < 1000) {
    return `${Math.round(ms)} ms`;
  }

  if (ms < 59_950) {
    return `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`;
  }

  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) {
    const seconds = Math.floor(ms / 1000);
    return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  }

  const hours = Math.floor(ms / 3_600_000);
  return hours < 48 ? `${hours} h ${String(Math.floor((ms % 3_600_000) / 60_000)).padStart(2, '0')} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Ticks for an axis: round places, at most as many as wanted. */
export function ticks(length: number, wanted: number): number[] {
  const raw = length / Math.max(wanted, 1);
  const power = 10 ** Math.floor(Math.log10(Math.max(raw, 1e-9)));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(candidate => candidate >= raw) ?? raw;
  const result: number[] = [];
  for (let at = 0; at <= length; at += step) {
    result.push(at);
  }

  return result;
}
