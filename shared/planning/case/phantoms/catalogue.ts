/** The phantoms by the name that a plan file gives after `phantom:`. */
import { InputError } from '@isola/optimizers/problem';
import { cylinderWang } from './cylinder-wang.js';
import { lungSlab } from './lung-slab.js';
import type { Phantom } from './phantom.js';
import { tg119CShape } from './tg119-c-shape.js';
import { tg119HeadAndNeckLike } from './tg119-head-and-neck-like.js';
import { tg119MultiTarget } from './tg119-multi-target.js';
import { tg119ProstateLike } from './tg119-prostate-like.js';
import { waterBox } from './water-box.js';

export const phantoms: readonly Phantom[] = [
  tg119CShape,
  tg119MultiTarget,
  tg119ProstateLike,
  tg119HeadAndNeckLike,
  waterBox,
  lungSlab,
  cylinderWang,
];

/** @throws InputError where there is no phantom of that name, with the names there are */
export function phantomByName(name: string): Phantom {
  const found = phantoms.find((phantom) => phantom.name === name);
  if (found) return found;
  const known = phantoms.map((phantom) => phantom.name).join(', ');
  throw new InputError('case', `there is no phantom '${name}'; there are ${known}`);
}
