/** Server-sent events as a client reads them. */

export interface FollowedEvent {
  /** Empty where the event has none. */
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
}

/** The events of an answer, one by one; whoever stops reading drops the connection. */
export async function* followed(answer: Response): AsyncGenerator<FollowedEvent> {
  if (answer.body === null) return;
  let rest = '';
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + part).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]),
      );
      const data = fields.get('data');
      if (data === undefined) continue;
      const name = fields.get('event') ?? '';
      yield { id: fields.get('id') ?? '', name, data: JSON.parse(data) as unknown };
    }
  }
}
