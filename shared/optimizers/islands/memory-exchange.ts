import type { FromIsland } from './cell.js';
import type { Exchange, Routes } from './exchange.js';

/** An exchange within one process. It holds all that was published until it is let go itself. */
export function memoryExchange<E>({ inNeighbours, lag }: Routes): Exchange<E> {
  const boxes = new Map<string, Box<E>>();
  const boxOf = (island: number, epoch: number): Box<E> => {
    const key = `${island}/${epoch}`;
    const box = boxes.get(key) ?? emptyBox<E>();
    boxes.set(key, box);
    return box;
  };
  return {
    async publish(island, epoch, emigrants) {
      boxOf(island, epoch).fill({ island, emigrants });
    },
    async collect(island, epoch) {
      if (epoch < lag) return [];
      const boxesOfNeighbours = inNeighbours[island].map((other) => boxOf(other, epoch - lag));
      return Promise.all(boxesOfNeighbours.map((box) => box.content));
    },
  };
}

/** Filled once; those who wait for its content need not know whether it is there yet. */
interface Box<E> {
  readonly content: Promise<FromIsland<E>>;
  fill(content: FromIsland<E>): void;
}

function emptyBox<E>(): Box<E> {
  let fill: Box<E>['fill'] = () => {};
  const content = new Promise<FromIsland<E>>((resolve) => {
    fill = resolve;
  });
  return { content, fill };
}
