/** Of one message; more would keep heartbeats waiting behind it. */
const ENCLOSED_BYTES = 2 ** 16;

/**
 * Says of one blob after the other whether it goes with the message that names it, which spares a
 * call: as long as they are short together.
 */
export function enclosing(): (blob: Uint8Array) => boolean {
  let left = ENCLOSED_BYTES;
  return ({ length }) => {
    if (length > left) return false;
    left -= length;
    return true;
  };
}
