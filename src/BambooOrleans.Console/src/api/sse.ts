/** One event of a stream of server-sent events. */
export interface StreamEvent {
  id: string | null;
  event: string;
  data: string;
}

/** Takes a stream of server-sent events apart, in whatever pieces its text comes. */
export class EventParser {
  private rest = '';
  private id: string | null = null;
  private event = '';
  private data: string[] = [];

  /** The events that the text completes. */
  push(text: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    const whole = this.rest + text;

    // A carriage return at the end may have its line feed in the next piece.
    const end = whole.endsWith('\r') ? whole.length - 1 : whole.length;
    const lines = whole.slice(0, end).split(/\r\n|\n|\r/);
    this.rest = (lines.pop() ?? '') + whole.slice(end);
    for (const line of lines) {
      if (line === '') {
        if (this.data.length > 0) {
          events.push({ id: this.id, event: this.event || 'message', data: this.data.join('\n') });
        }

        this.event = '';
        this.data = [];
        continue;
      }

      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'data') {
        this.data.push(value);
      } else if (field === 'event') {
        this.event = value;
      } else if (field === 'id') {
        this.id = value;
      }
    }

    return events;
  }
}
